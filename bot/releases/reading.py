"""A body read in whichever dialect it is. Pure, and blocking: `parse` keeps it off the loop."""

import json
from typing import Any

from bot.errors import SourceError
from bot.model.feed import Feed, FeedKind
from bot.releases.feed_xml import read_xml
from bot.releases.guard import as_utf8, refuse_hostile_xml, refuse_pages, without_controls
from bot.releases.json_feed import is_json_feed, read_json_feed
from bot.releases.parsed import Parsed
from bot.releases.structured import kind_of, of_github_atom, read_list
from bot.releases.text import clean, cut


def read_now(feed: Feed, body: bytes) -> Parsed:
    """The entries of `body`; raises SourceError with what is wrong in plain words."""
    body, notes = as_utf8(body)
    try:
        return _read(feed, body, notes)
    except SourceError:
        # No parser lets control characters pass, so they are looked for only when one complains.
        if (cleaned := without_controls(body)) == body:
            raise
        return _read(feed, cleaned.strip(), (*notes, "control characters were left out"))


def _read(feed: Feed, body: bytes, notes: tuple[str, ...]) -> Parsed:
    if body[:1] in (b"{", b"["):
        return _json(feed, _loaded(body), notes)
    refuse_pages(body)
    if not body.startswith(b"<"):
        start = cut(clean(body[:200].decode("utf-8", "replace")), 60)
        raise SourceError(f"neither XML nor JSON; it begins with “{start}”")
    refuse_hostile_xml(body)
    if feed.kind not in (FeedKind.FEED, FeedKind.GITHUB):
        raise SourceError("XML instead of the list of models in JSON")
    parsed = read_xml(feed, body, notes)
    return of_github_atom(parsed) if feed.kind is FeedKind.GITHUB else parsed


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        if error.pos >= len(body.decode("utf-8", "replace")) - 1:
            raise SourceError("the JSON breaks off; not everything arrived") from None
        raise SourceError(f"the JSON is invalid at line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise SourceError("the JSON is nested too deeply") from None
    except ValueError:  # a number of thousands of digits
        raise SourceError("the JSON holds a number that is too long") from None


def _json(feed: Feed, data: Any, notes: tuple[str, ...]) -> Parsed:
    if feed.kind.structured:
        if isinstance(data, dict) and set(data) & {"error", "message"} and len(data) < 5:
            said = data.get("error") or data.get("message")
            said = said.get("message", "") if isinstance(said, dict) else said
            raise SourceError(f"an error instead of a list: {cut(clean(str(said)), 80)}")
        return read_list(feed, data, feed.kind, notes)
    if is_json_feed(data):
        return read_json_feed(feed, data, notes)
    if kind := kind_of(data):
        return read_list(feed, data, kind, notes)
    raise SourceError("JSON, but neither a JSON Feed nor a list of models that is known")
