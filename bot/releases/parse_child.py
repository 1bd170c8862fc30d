"""The process that reads large bodies: a line and a body in, lines of JSON out, until it is ended.

It answers no errors but its own words, so nothing that a body does to it is shown to anybody.
"""

import json
import sys
from typing import BinaryIO

from bot.errors import SourceError
from bot.model.feed import Entry, Feed, FeedKind, Voice
from bot.releases.reading import read_now

_MEMORY = 1024**3
# Entries in a line of the answer: few enough that reading one does not hold the event loop up.
BATCH = 50


def main() -> None:
    """Answer until the pipe closes."""
    _bound_memory()
    while line := sys.stdin.buffer.readline():
        told, size = json.loads(line)
        told["kind"], told["voice"] = FeedKind(told["kind"]), Voice(told["voice"])
        _answer(Feed(**told), sys.stdin.buffer.read(size), sys.stdout.buffer)


def _answer(feed: Feed, body: bytes, out: BinaryIO) -> None:
    try:
        parsed = read_now(feed, body)
    except SourceError as error:
        out.write(_line({"refused": str(error)}))
    except MemoryError:
        out.write(_line({"refused": "reading it takes more memory than a feed may"}))
    else:
        out.write(
            _line(
                {
                    "entries": len(parsed.entries),
                    "title": parsed.title,
                    "dialect": parsed.dialect,
                    "notes": parsed.notes,
                    "kind": parsed.kind,
                }
            )
        )
        starts = range(0, len(parsed.entries), BATCH)
        out.writelines(_line(list(map(_row, parsed.entries[at : at + BATCH]))) for at in starts)
    out.flush()


def _row(entry: Entry) -> list[object]:
    published = entry.published.isoformat() if entry.published else None
    return [entry.id, entry.title, entry.url, entry.summary, published, dict(entry.given)]


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _bound_memory() -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (OSError, ValueError):
        return  # not everywhere may it be lowered; the time limit holds all the same


if __name__ == "__main__":
    main()
