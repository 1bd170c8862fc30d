"""RSS 0.9 to 2.0, RDF and Atom: from guarded XML to entries. Pure.

The tree is read here rather than by a feed library, since what identifies an entry has to survive:
ids as they stand, links resolved against `xml:base`, titles that look like markup.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from bot.errors import SourceError
from bot.model.feed import Entry, Feed
from bot.releases.dates import read_date
from bot.releases.parsed import ENTRIES, Parsed
from bot.releases.text import ID, address, clean, cut, summary_of, title_of

_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_ATOM_03 = "{http://purl.org/atom/ns#}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MEDIA = "{http://search.yahoo.com/mrss/}description"
# Where RSS has a summary and a date, the first place that is filled first.
_ATOM_DATES = ("published", "issued", "updated", "modified", "created")
_SUMMARIES = ("description", _DC + "description", _CONTENT, _ATOM + "summary", _MEDIA)
_DATES = ("pubDate", _DC + "date", _ATOM + "published", _ATOM + "updated")
_LINE = re.compile(r", line (\d+), column \d+|\s+\(<[^>]*>, line \d+\)")
_OTHER = {
    "urlset": "a sitemap", "sitemapindex": "a sitemap", "opml": "a list of feeds (OPML)",
    "svg": "a picture", "html": "a web page", "Error": "an error message",
}  # fmt: skip
_MEANT = {
    "invalid element name": "a “<” that begins no tag",
    "EntityRef": "an “&” that should be written &amp;",
    "AttValue": "an attribute without quotes",
    "Extra content": "something stands after its end",
    "redefined": "an attribute is given twice",
    "Namespace prefix": "a prefix that is declared nowhere",
}  # fmt: skip

Node = Any  # lxml has no types of its own


def read_xml(feed: Feed, body: bytes, notes: tuple[str, ...] = ()) -> Parsed:
    """The entries of a feed in XML that has passed the guard."""
    root = _tree(body)
    name = etree.QName(root).localname if isinstance(root.tag, str) else ""
    if root.tag in (_ATOM + "feed", _ATOM_03 + "feed", "feed"):
        return _read(feed, root, list(_named(root, "entry")), _atom, _dialect(root), notes)
    if name.lower() == "rdf":
        items = list(_named(root, "item")) or list(_items_of_channel(root))
        return _read(feed, root, items, _rss, _dialect(root), notes)
    if name.lower() == "rss" or name == "channel":
        items = [*_items_of_channel(root), *_named(root, "item")]
        return _read(feed, root, items, _rss, _dialect(root), notes)
    what = _OTHER.get(name, f"XML that begins with <{cut(clean(name), 40)}>")
    raise SourceError(f"{what}, not a feed")


def _tree(body: bytes) -> Node:
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(_what_is_wrong(error)) from None


def _what_is_wrong(error: Any) -> str:
    """libxml2's complaint in a sentence."""
    said, line = str(error.msg or ""), error.lineno or 1
    where = f"line {line}"
    if "Premature end" in said or "EndTag: '</' not found" in said:
        return f"the XML breaks off at {where}; not everything arrived"
    if "depth" in said:
        return f"elements are nested too deeply at {where}"
    if "Start tag expected" in said:
        return "neither XML nor JSON"
    if tags := re.search(r"mismatch: (\S+) line (\d+) and ([^\s,]+)", said):
        opened, since, closed = tags.groups()
        return (
            f"the XML is invalid at {where}: </{closed}> closes <{opened}>, "
            f"which was opened at line {since}"
        )
    if "not defined" in said and "Entity" in said:
        return f"the XML is invalid at {where}: it uses an entity that XML does not have"
    for sign, meant in _MEANT.items():
        if sign in said:
            return f"the XML is invalid at {where}: {meant}"
    return f"the XML is invalid at {where}: {cut(clean(_LINE.sub('', said)), 100)}"


def _dialect(root: Node) -> str:
    if root.tag == _ATOM_03 + "feed":
        return "Atom 0.3"
    if root.tag == _ATOM + "feed" or root.tag == "feed":
        return "Atom 1.0"
    if root.tag == _RDF + "RDF":
        spaces = set(root.nsmap.values())
        return (
            "RSS 0.90 (RDF)"
            if "http://my.netscape.com/rdf/simple/0.9/" in spaces
            else ("RSS 1.0 (RDF)")
        )
    version = clean(root.get("version") or "")[:8]
    return f"RSS {version or 'without a version'}"


def _named(parent: Node, name: str) -> Iterator[Node]:
    """Children by their name in whichever of the namespaces of feeds they are."""
    for child in parent:
        tag = child.tag
        if isinstance(tag, str) and (tag == name or tag.endswith("}" + name)):
            yield child


def _items_of_channel(root: Node) -> Iterator[Node]:
    channels = [root] if etree.QName(root).localname == "channel" else _named(root, "channel")
    for channel in channels:
        yield from _named(channel, "item")


def _read(
    feed: Feed, root: Node, items: list[Node], one: Any, dialect: str, notes: tuple[str, ...]
) -> Parsed:
    if len(items) > ENTRIES:
        notes = (*notes, f"only the first {ENTRIES:,} of {len(items):,} entries are read")
    head = next(_named(root, "channel"), root)
    title, base = "", ""
    for child in head:
        tag = child.tag if isinstance(child.tag, str) else ""
        local = tag.rpartition("}")[2]
        if local == "title" and not title and not tag.startswith("{http://search.yahoo"):
            title = title_of("".join(child.itertext()))
        elif local == "link" and not base:
            if child.get("href"):
                base = child.get("href") if child.get("rel") == "self" else ""
            else:
                base = (child.text or "").strip()
    base = address(root.get(_XML + "base") or base, feed.url) or feed.url
    base = address(head.get(_XML + "base") or "", base) or base
    entries = tuple(one(feed, item, base) for item in items[:ENTRIES])
    return Parsed(entries, title, dialect, notes)


@lru_cache(maxsize=8)
def _own(space: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """RSS's names in its own namespace, or in none: guid, link, title; summaries; dates."""
    own = (space + "guid", space + "link", space + "title")
    return own, (space + _SUMMARIES[0], *_SUMMARIES[1:]), (space + _DATES[0], *_DATES[1:])


def _rss(feed: Feed, item: Node, base: str) -> Entry:
    (own_guid, own_link, own_title), summaries, dates = _own(item.tag[: -len("item")])
    found: dict[str, Node] = {}
    for child in item:
        found.setdefault(child.tag, child)
    guid = found.get(own_guid)
    id_ = _text(guid)
    if item.keys():  # seldom
        id_ = id_ or (item.get(_RDF + "about") or "").strip()
        base = _based(item, base)
    link = address(_text(found.get(own_link)), base)
    if not link and (other := found.get(_ATOM + "link")) is not None:
        link = address(other.get("href") or "", base)
    if (
        not link
        and id_.startswith(("http://", "https://"))
        and (guid is None or (guid.get("isPermaLink") or "true").lower() != "false")
    ):
        link = address(id_)
    summary = ""
    for name in summaries:
        if (node := found.get(name)) is not None and (summary := summary_of(_text(node))):
            break
    published = None
    for name in dates:
        if (node := found.get(name)) is not None and (published := read_date(_text(node))):
            break
    title = _title(found.get(own_title)) or _title(found.get(_DC + "title"))
    return Entry(feed.key, _id(id_, link), title, link, summary, published)


@lru_cache(maxsize=8)
def _own_atom(space: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Atom's names in its own namespace, or in none: id, link, title; summaries; dates."""
    names = (("id", "link", "title"), ("summary", "content"), _ATOM_DATES)
    own, summaries, dates = (tuple(space + name for name in some) for some in names)
    return own, summaries, dates


def _atom(feed: Feed, entry: Node, base: str) -> Entry:
    (own_id, own_link, own_title), summaries, dates = _own_atom(entry.tag[: -len("entry")])
    found: dict[str, Node] = {}
    links = []
    for child in entry:
        if (tag := child.tag) == own_link:
            links.append(child)
        else:
            found.setdefault(tag, child)
    base = _based(entry, base) if entry.keys() else base
    summary = ""
    for name in summaries:
        if (node := found.get(name)) is not None and (summary := _construct(node, summary_of)):
            break
    if not summary and (group := found.get("{http://search.yahoo.com/mrss/}group")) is not None:
        summary = summary_of(_text(group.find(_MEDIA)))
    published = None
    for name in dates:
        if (node := found.get(name)) is not None and (published := read_date(_text(node))):
            break
    link = _alternate(links, base)
    title = _construct(found.get(own_title), title_of)
    return Entry(feed.key, _id(_text(found.get(own_id)), link), title, link, summary, published)


def _id(given: str, link: str) -> str:
    """What a feed calls an entry; most call it as its page, which has been looked at already."""
    return given if given == link and len(given) <= ID else cut(clean(given), ID)


def _alternate(links: list[Node], base: str) -> str:
    """The page that an entry is about: an alternate link, a page before other types."""
    if len(links) == 1 and links[0].get("rel", "alternate") == "alternate":
        return address(links[0].get("href") or "", _based(links[0], base))
    best, worth = "", 0
    for link in links:
        rel = (link.get("rel") or "alternate").rpartition("/")[2]
        kind = link.get("type") or "text/html"
        value = (2 if rel == "alternate" else 0) + (1 if "html" in kind else 0)
        if rel in ("alternate", "related", "via") and value > worth:
            found = address(link.get("href") or "", _based(link, base))
            best, worth = (found, value) if found else (best, worth)
    return best


def _based(node: Node, base: str) -> str:
    own = node.get(_XML + "base")
    return urljoin(base, own) if own and address(own, base) else base


def _text(node: Node | None) -> str:
    if node is None:
        return ""
    return (node.text if len(node) == 0 else "".join(node.itertext())) or ""


def _title(node: Node | None) -> str:
    """A title of RSS, which may be text, escaped markup or, though not allowed, elements."""
    return title_of(_text(node)) if node is not None else ""


def _construct(node: Node | None, read: Any) -> str:
    """A text of Atom, which says itself whether it is markup."""
    if node is None:
        return ""
    if not node.keys():
        return str(read(_text(node), markup=False))
    if node.get("src"):
        return ""
    kind = node.get("type") or "text"
    if kind in ("text", "html"):  # nearly always
        return str(read(_text(node), markup=kind == "html"))
    kind = kind.lower()
    markup = kind not in ("text", "text/plain", "xhtml", "application/xhtml+xml")
    if kind not in ("xhtml", "application/xhtml+xml"):
        return str(read(_text(node), markup=markup))
    return str(read(" ".join(_spaced(node)), markup=False))


def _spaced(node: Node) -> Iterator[str]:
    """The texts of elements, as many as a summary can need."""
    length = 0
    for text in node.itertext():
        yield text
        length += len(text)
        if length > 4000:
            return
