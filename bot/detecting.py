"""`aftershock detect`: judge entries from a file or a pipe, one JSON object a line, in order."""

import json
from collections.abc import Container, Iterable, Iterator
from typing import Any, TextIO

from bot.model.feed import Entry, Feed, Judgement
from bot.model.reason import in_words
from bot.releases.detect import judge
from bot.releases.speaker import feed_named

# Nobody's title is longer; a line that is costs no time.
_LONGEST = 2_000
_SUMMARY = 300


def run_detect(
    lines: Iterable[str],
    out: TextIO,
    *,
    labs: Container[str],
    feeds: dict[str, Feed] | None = None,
    as_json: bool = True,
) -> int:
    """Write one judgement per line of `lines`; always 0, since a bad line is judged as one.

    `feeds` are the shipped ones: a source that is one of their keys is known exactly.
    """
    out.writelines(
        (_as_json(judgement) if as_json else _as_text(judgement)) + "\n"
        for judgement in judged(lines, labs, feeds or {})
    )
    out.flush()
    return 0


def judged(
    lines: Iterable[str], labs: Container[str], feeds: dict[str, Feed]
) -> Iterator[Judgement]:
    """The judgement of each line that is not empty, in order."""
    for line in lines:
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except (ValueError, RecursionError):
            yield _bad("the line is not JSON")
            continue
        if not isinstance(given, dict):
            yield _bad("the line is JSON but not an object with source, title, summary, url, date")
            continue
        yield _judge(given, labs, feeds)


def _judge(given: dict[str, Any], labs: Container[str], feeds: dict[str, Feed]) -> Judgement:
    title = _text(given, "title")[:_LONGEST]
    if not title:
        return _bad("the object has no title")
    url = _text(given, "url")[:_LONGEST]
    source = _text(given, "source")[:_SUMMARY]
    feed = feeds.get(source) or feed_named(source, url)
    summary = _text(given, "summary")[:_SUMMARY]
    entry = Entry(feed.key, _text(given, "id"), title, url, summary)
    return judge(entry, feed, labs)


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _bad(reason: str) -> Judgement:
    return Judgement(False, 1.0, f"error: {reason}", kind="")


def _as_json(judgement: Judgement) -> str:
    return json.dumps(
        {
            "release": judgement.release,
            "lab": judgement.lab,
            "model": judgement.model,
            "reason": judgement.reason,
            "confidence": judgement.confidence,
            "kind": judgement.kind,
            "open_weights": judgement.open_weights,
            "words": list(judgement.words),
        },
        ensure_ascii=False,
    )


def _as_text(judgement: Judgement) -> str:
    what = "release" if judgement.release else "no release"
    about = " ".join(part for part in (judgement.lab, judgement.model) if part)
    return f"{what:<10} {judgement.confidence:.0%}  {about or '-'}  ({in_words(judgement.reason)})"
