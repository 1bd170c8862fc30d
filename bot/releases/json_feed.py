"""JSON Feed 1.0 and 1.1. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.errors import SourceError
from bot.model.feed import Entry, Feed
from bot.releases.dates import read_date
from bot.releases.parsed import ENTRIES, Parsed
from bot.releases.text import ID, address, clean, cut, summary_of, title_of


def is_json_feed(data: Any) -> bool:
    """Whether a JSON document says that it is a JSON Feed, or is one in all but name."""
    if not isinstance(data, dict):
        return False
    return "jsonfeed.org" in str(data.get("version", "")) or isinstance(data.get("items"), list)


def read_json_feed(feed: Feed, data: Mapping[str, Any], notes: tuple[str, ...] = ()) -> Parsed:
    """The entries of a JSON Feed."""
    version = str(data.get("version", "")).rstrip("/").rpartition("/")[2]
    if version in ("1", "1.1"):
        version = "1.0" if version == "1" else version
    else:
        version = "without a version"
    items = data.get("items")
    if not isinstance(items, list):
        raise SourceError("a JSON Feed without a list of items")
    if len(items) > ENTRIES:
        notes = (*notes, f"only the first {ENTRIES:,} of {len(items):,} entries are read")
    base = address(said(data, "home_page_url"), feed.url) or feed.url
    entries = tuple(_entry(feed, item, base) for item in items[:ENTRIES] if isinstance(item, dict))
    return Parsed(entries, title_of(said(data, "title")), f"JSON Feed {version}", notes)


def _entry(feed: Feed, item: Mapping[str, Any], base: str) -> Entry:
    summary = summary_of(said(item, "summary"), markup=False)
    summary = summary or summary_of(said(item, "content_text"), markup=False)
    link = address(said(item, "url"), base) or address(said(item, "external_url"), base)
    return Entry(
        feed.key,
        cut(clean(said(item, "id")), ID),
        title_of(said(item, "title"), markup=False),
        link,
        summary or summary_of(said(item, "content_html")),
        read_date(item.get("date_published")) or read_date(item.get("date_modified")),
    )


def said(data: Mapping[str, Any], name: str) -> str:
    """A field as text; "" where it is missing or is no text. Ids may be numbers."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)
