"""One target under atheris, for so many seconds: `python -m tests.fuzz.run feeds 60 [folder]`.

The folder keeps what it has learnt from run to run, and the input that broke something.
"""

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

with atheris.instrument_imports(include=["bot"]):
    from tests.fuzz.targets import TARGETS

# What no input may take: seconds of one run, megabytes, bytes of the input itself.
SLOWEST, MOST_MEMORY, LONGEST = 10, 2_048, 65_536


def main(name: str, seconds: int, folder: Path) -> None:
    """Run the target; ends the process, with a failure where something does not hold."""
    target, corpus = TARGETS[name], folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    flags = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOWEST}",
        f"-rss_limit_mb={MOST_MEMORY}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(scratch)
        main(sys.argv[1], int(sys.argv[2]), place)
