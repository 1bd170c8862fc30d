"""The audit's verdicts, the licences of what is pinned, and SQL that nobody can write into."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import audit

ROOT = Path(__file__).parents[1]
HOLE = {
    "name": "httpthing", "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"]}],
}  # fmt: skip
FINE = {"name": "fine", "version": "2.0", "vulns": []}
UNKNOWN = {"name": "hidden", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("found", "ignored", "holes", "said"),
    [
        ([FINE], {}, 0, ["Audited 1 of 1 packages: no hole is known."]),
        ([FINE, HOLE], {}, 1, ["HOLE: httpthing 1.0: PYSEC-1, mended in 1.1"]),
        ([HOLE], {"CVE-1": "not called"}, 0, [
            "Ignored: httpthing 1.0: PYSEC-1, mended in 1.1 (not called)",
            "Audited 1 of 1 packages: no hole is known.",
        ]),
        ([FINE], {"CVE-9": "gone"}, 0, [
            "Ignored for nothing, take it out: CVE-9",
            "Audited 1 of 1 packages: no hole is known.",
        ]),
        # What the index does not know is no pass, and no failure.
        ([UNKNOWN], {}, 0, [
            ("SKIPPED: 1 of 1 packages could not be audited; the index here does not answer for "
            "them."),
        ]),
    ],
)  # fmt: skip
def test_a_hole_fails_and_what_could_not_be_asked_is_said(
    found: list[dict[str, object]], ignored: dict[str, str], holes: int, said: list[str]
) -> None:
    counted, lines = audit.judged({"dependencies": found}, ignored)
    assert (len(counted), lines) == (holes, said)


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("BSD License; Apache Software License", True),
        ("UNKNOWN", False),
    ],
)
def test_which_licences_are_allowed(licence: str, fine: bool) -> None:
    assert (audit.unallowed({"package": licence}) == []) is fine


def test_the_page_of_licences_is_that_of_the_lock() -> None:
    rows = audit.LICENCES.read_text("utf-8").removeprefix(audit.HEAD).splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert {name: version for name, version, _licence in cells} == audit.pinned(
        audit.LOCK.read_text("utf-8")
    ), "run `make licences`"
    assert audit.unallowed({name: licence for name, _version, licence in cells}) == []


# Statements that are put together, by file; each holds a whole number or a word of the program's.
RETENTION = "storage/migrations/versions/m0011_retention.py"
PUT_TOGETHER = {
    ("storage/backup.py", "f'PRAGMA user_version={mark}'"),
    ("storage/database.py", "f'PRAGMA busy_timeout={waits}'"),
    ("storage/gauges.py", "asked"),
    (RETENTION, "f'UPDATE feed_seen SET last_seen = {_EPOCH} + seen_at / {_DAY_MICROS}'"),
    (RETENTION, 'f"""UPDATE outbox SET kind = COALESCE({kind}, \'\'), "key" = {key}"""'),
}
_RAW = ("text", "exec_driver_sql", "literal_column", "executescript")
_ASKS = ("execute", "executemany", "scalar", "scalars")


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for folder in ("bot", "cogs", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            if not any(f"{word}(" in text for word in (*_RAW, *_ASKS)):
                continue  # it asks for nothing, and parsing takes a while
            tree = ast.parse(text)
            imported = {
                alias.asname or alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
                for alias in node.names
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _is_raw(node.func, imported):
                    yield path.relative_to(ROOT).as_posix(), node


def _is_raw(called: ast.expr, imported: set[str]) -> bool:
    """Whether a call takes a statement as text: `text` only where it is SQLAlchemy's."""
    if isinstance(called, ast.Name):
        return called.id in _RAW and called.id in imported
    if not isinstance(called, ast.Attribute):
        return False
    if called.attr == "text":
        return isinstance(called.value, ast.Name) and called.value.id in ("sa", "sqlalchemy")
    return called.attr in (*_RAW[1:], *_ASKS)


def put_together(given: ast.expr) -> bool:
    """Whether a statement may be text that is not written as it stands."""
    if isinstance(given, ast.Constant):
        return False
    if isinstance(given, ast.IfExp):
        return put_together(given.body) or put_together(given.orelse)
    if isinstance(given, ast.BinOp):
        return isinstance(given.op, ast.Mod | ast.Add)
    if isinstance(given, ast.JoinedStr):
        return True
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute):
        return given.func.attr in ("format", "join", "replace", "format_map")
    return False


def test_no_statement_is_put_together_of_text() -> None:
    found = {
        (path, ast.unparse(call.args[0]), call.lineno)
        for path, call in _calls()
        if call.args
        and (
            put_together(call.args[0])
            # These take text and nothing else, so that a name is not enough to go by.
            or (_names_text(call.func) and not _is_constant(call.args[0]))
        )
    }
    assert {(path, statement) for path, statement, _line in found} == PUT_TOGETHER, found


def _names_text(called: ast.expr) -> bool:
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name in _RAW


def _is_constant(given: ast.expr) -> bool:
    if isinstance(given, ast.IfExp):
        return _is_constant(given.body) and _is_constant(given.orelse)
    return isinstance(given, ast.Constant)


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("'SELECT 1'", False),
        ("f'SELECT {name}'", True),
        ("'SELECT ' + name", True),
        ("'SELECT %s' % name", True),
        ("'SELECT {}'.format(name)", True),
        ("select(table)", False),
    ],
)
def test_what_counts_as_put_together(statement: str, bad: bool) -> None:
    assert put_together(ast.parse(statement, mode="eval").body) is bad
