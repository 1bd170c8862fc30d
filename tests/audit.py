"""Known holes in what is pinned, and its licences: `make audit`, `make licences`.

Where the index cannot be asked the audit says so loudly and passes: nobody's work waits for a
network. A known hole fails, unless `audit_ignored.toml` says why it does not concern the program;
so does a licence that is not on the list below.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK, IGNORED = ROOT / "requirements.lock", Path(__file__).parent / "audit_ignored.toml"
LICENCES = ROOT / "docs" / "licences.md"
SECONDS = 100
# Under these anybody may use and pass on the program: each as packages spell it.
ALLOWED = frozenset(
    (
        "0BSD", "3-Clause BSD License", "Apache Software License", "Apache-2.0", "BSD License",
        "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT License", "MIT-0", "MIT-CMU",
        "Mozilla Public License 2.0 (MPL 2.0)", "PSF-2.0", "Python Software Foundation License",
        "Zlib",
    )
)  # fmt: skip
# Packages whose metadata names no licence, with what their own LICENSE file says.
BY_HAND: Mapping[str, str] = {"peewee": "MIT"}
HEAD = """# Licences

What `requirements.lock` installs, and under which licence each package comes. Written by
`make licences`; `make check` fails where it is out of date, or where a licence is not one of those
that `tests/audit.py` allows.

| Package | Version | Licence |
|---|---|---|
"""


def pinned(lock: str) -> dict[str, str]:
    """The versions in a lock file, by package."""
    return {name_of(found[1]): found[2] for found in re.finditer(r"(?m)^([\w.-]+)==(\S+)", lock)}


def name_of(package: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def judged(said: Mapping[str, Any], ignored: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """pip-audit's answer → the holes that count, and all lines to print."""
    holes, lines, unknown, seen = [], [], [], set()
    packages = said["dependencies"]
    for one in packages:
        if "skip_reason" in one:
            unknown.append(one["name"])
        for hole in one.get("vulns", ()):
            ids = {hole["id"], *hole.get("aliases", ())}
            fixed = ", ".join(hole.get("fix_versions") or ()) or "no version yet"
            what = f"{one['name']} {one['version']}: {hole['id']}, mended in {fixed}"
            if reasons := [ignored[each] for each in sorted(ids & set(ignored))]:
                seen |= ids & set(ignored)
                lines.append(f"Ignored: {what} ({reasons[0]})")
            else:
                holes.append(what)
    lines += [f"HOLE: {what}" for what in holes]
    lines += [f"Ignored for nothing, take it out: {one}" for one in sorted(set(ignored) - seen)]
    if unknown:
        lines.append(
            f"SKIPPED: {len(unknown)} of {len(packages)} packages could not be audited; the index "
            "here does not answer for them."
        )
    known = len(packages) - len(unknown)
    if known and not holes:
        lines.append(f"Audited {known} of {len(packages)} packages: no hole is known.")
    return holes, lines


def audit() -> int:
    """Ask the index; print what it says. 1 where there is a hole."""
    ignored = tomllib.loads(IGNORED.read_text("utf-8")).get("ignored", {})
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--no-deps", "--disable-pip",
        "--format", "json", "--progress-spinner", "off", "--timeout", "10",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        print(f"SKIPPED: nothing was audited; the index did not answer in {SECONDS} seconds.")
        return 0
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        print(f"SKIPPED: nothing was audited; pip-audit could not ask the index ({last}).")
        return 0
    holes, lines = judged(said, ignored)
    print("\n".join(lines))
    return 1 if holes else 0


def licences() -> dict[str, str]:
    """The licence of each pinned package, as it is installed here; "UNKNOWN" where it says none."""
    command = [
        str(Path(sys.executable).parent / "pip-licenses"), "--format=json", "--from=mixed",
        "--with-system", f"--python={sys.executable}",
    ]  # fmt: skip
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    found = {name_of(one["Name"]): str(one["License"]) for one in said}
    return {name: BY_HAND.get(name, found.get(name, "UNKNOWN")) for name in _versions()}


def _versions() -> dict[str, str]:
    return pinned(LOCK.read_text("utf-8"))


def unallowed(found: Mapping[str, str]) -> list[str]:
    """Which licences are not on the list, each with its package.

    Of a choice ("A OR B") one must be allowed, of what is together ("A AND B"; "A; B") all.
    """
    return [f"{name}: {licence}" for name, licence in sorted(found.items()) if not _fine(licence)]


def _fine(licence: str) -> bool:
    return all(
        any(one.strip(" ()") in ALLOWED or one.strip() in ALLOWED for one in part.split(" OR "))
        for part in re.split(r" AND |; ", licence)
    )


def written(found: Mapping[str, str], versions: Mapping[str, str]) -> str:
    """The list as a page."""
    rows: Iterable[str] = (
        f"| {name} | {versions[name]} | {found[name]} |" for name in sorted(found)
    )
    return HEAD + "\n".join(rows) + "\n"


def write_licences() -> int:
    """Write the page. 1 where a licence is not allowed."""
    found = licences()
    LICENCES.write_text(written(found, _versions()), "utf-8")
    for one in (wrong := unallowed(found)):
        print(f"NOT ALLOWED: {one}; see ALLOWED in tests/audit.py.")
    print(f"{LICENCES.relative_to(ROOT)}: {len(found)} packages.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(write_licences() if sys.argv[1:] == ["licences"] else audit())
