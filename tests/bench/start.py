"""What starting costs, beside importing everything that is slow to import."""

from collections.abc import Iterator

from tests.bench.rows import Row, ratio_at_most
from tests.bench_start import measured

MOST_HELP, MOST_RUN = 0.25, 0.75


def rows() -> Iterator[Row]:
    """`/help` and `run`, each in time and in memory."""
    found = measured()
    whole = found.everything
    for name, cost, share, most in (
        ('ask "/help"', found.helping, found.helping_share, MOST_HELP),
        ("run, until it connects", found.running, found.running_share, MOST_RUN),
    ):
        yield ratio_at_most(
            name,
            f"{cost.seconds:.2f} s",
            f"{whole.seconds:.2f} s to import everything",
            share.seconds,
            most,
        )
        yield ratio_at_most(
            f"  memory of {name}",
            f"{cost.megabytes:.0f} MB",
            f"{whole.megabytes:.0f} MB",
            share.megabytes,
            most,
        )
