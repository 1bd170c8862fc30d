"""What is refused before a parser sees it, and why, in plain words. Pure, in linear time.

XML is attacked by what its parsers do well: entities that unfold, thousands of attributes that are
compared with one another, elements in elements. A feed needs none of it, so none is let through.
"""

import codecs
import re

from bot.errors import SourceError

SIZE = 5 * 1024 * 1024
ELEMENTS = 300_000
ATTRIBUTES = 100
NAMESPACES = 20_000
# Names of encodings that feeds are written in. Others ("utf-7", "idna") hide what they say.
_ENCODINGS = re.compile(
    r"(utf-?8|utf-?16(-?[lb]e)?|us-ascii|ascii|iso-?8859-?\d+|latin-?1|(windows-?|cp)-?12\d\d|gb2312"
    r"|gbk|gb18030|big5|shift[_-]?jis|euc-?(jp|kr)|koi8-?[ru])\Z",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,400}\?>")
_BEFORE = 100
_SPACES = re.compile(rb"\s*")
# A tag that is long enough to hold too many attributes; "<" cannot be inside one.
_LONG_TAG = re.compile(rb"<[A-Za-z_][^<]{%d,}" % (ATTRIBUTES * 4))
_ATTRIBUTE = re.compile(rb"""\s*[^\s=<>"'/]+\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
_NAME = re.compile(rb"<[^\s<>/]*")
_CONTROLS = bytes(c for c in range(1, 32) if c not in (9, 10, 13))
_BOT_CHECK = re.compile(
    rb"just a moment|cf-chl|challenge-platform|attention required|captcha|verify you are|"
    rb"checking your browser|enable javascript and cookies|access denied|akamai",
    re.IGNORECASE,
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def as_utf8(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The body in UTF-8 without a byte order mark, and what had to be given up for it."""
    if len(body) > SIZE:
        raise SourceError(f"larger than {SIZE // 1024 // 1024} MB")
    if not body.strip():
        raise SourceError("an empty answer")
    notes: tuple[str, ...] = ()
    encoding = _encoding(body)
    if encoding == "utf-8":
        body = body.removeprefix(codecs.BOM_UTF8)
    if encoding != "utf-8" or not body.isascii():
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            text = body.decode(encoding, "replace")
            notes = (f"some characters are not {encoding.upper()}",)
        if encoding != "utf-8" or notes:
            # What the declaration says is no longer so.
            body = _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")
    if b"\0" in body:
        raise SourceError("it contains NUL characters, which no feed has")
    return body.strip(), notes


def without_controls(body: bytes) -> bytes:
    """The body without the control characters that neither XML nor JSON may contain."""
    return body.translate(None, _CONTROLS)


def _encoding(body: bytes) -> str:
    if body.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if body[:4] in (b"<\0?\0", b"<\0r\0", b"<\0f\0"):
        return "utf-16-le"
    if body[:4] in (b"\0<\0?", b"\0<\0r", b"\0<\0f"):
        return "utf-16-be"
    declared = _DECLARED.match(body.lstrip()[:400])
    if not declared:
        return "utf-8"
    name = declared[1].decode().lower()
    if not _ENCODINGS.match(name):
        raise SourceError(f"its encoding, {name}, is none that feeds use")
    # Declared in bytes that can be read one by one, so it cannot be UTF-16; it was converted once.
    if name.startswith(("utf-16", "utf16")) or name in ("utf8", "utf-8", "ascii", "us-ascii"):
        return "utf-8"
    # Browsers read Latin-1 as its Windows cousin, and so do the people who declare it.
    name = "cp1252" if name in ("iso-8859-1", "iso8859-1", "latin-1", "latin1") else name
    name = name.replace("windows-", "cp").replace("windows", "cp")
    try:
        codecs.lookup(name)
    except LookupError:
        raise SourceError(f"its encoding, {name}, is unknown") from None
    return "cp1252" if name == "cp-1252" else name


def refuse_pages(body: bytes) -> None:
    """A web page is no feed; most often it is shown to programs that are taken for bots."""
    if _PAGE.match(body, _prolog(body)):
        if _BOT_CHECK.search(body[:50_000]):
            raise SourceError("a web page instead of a feed: a bot check")
        raise SourceError("a web page instead of a feed; it may be a bot check")


def _prolog(body: bytes) -> int:
    """Where the root, or what stands in its place, begins: after comments and instructions.

    Step by step: a pattern for all of it would try each way to part the comments.
    """
    position = 0
    for _ in range(_BEFORE):
        space = _SPACES.match(body, position)
        position = space.end() if space else position
        if body.startswith(b"<!--", position):
            end = body.find(b"-->", position + 4)
        elif body.startswith(b"<?", position):
            end = body.find(b"?>", position + 2)
        else:
            return position
        if end < 0:
            return position
        position = body.index(b">", end) + 1
    raise SourceError(f"more than {_BEFORE} comments before its first element")


def refuse_hostile_xml(body: bytes) -> None:
    """Raise where XML (in UTF-8) holds what a parser could be hurt with."""
    start = _prolog(body)
    if body[start : start + 9].upper() == b"<!DOCTYPE" or body[start : start + 8] == b"<!ENTITY":
        raise SourceError("it declares a DTD, which may hide entities; it is not read")
    # Counted only where there is room for so many.
    if len(body) > 2 * ELEMENTS and body.count(b"<") > ELEMENTS:
        raise SourceError(f"more than {ELEMENTS:,} tags")
    if len(body) > 8 * NAMESPACES and body.count(b"xmlns") > NAMESPACES:
        raise SourceError(f"more than {NAMESPACES:,} namespaces")
    for tag in _LONG_TAG.finditer(body):
        start, end = tag.span()
        # Each attribute has one, so that seldom anything has to be counted one by one.
        if body.count(b"=", start, end) > ATTRIBUTES < _attributes(body, start, end):
            raise SourceError(f"an element with more than {ATTRIBUTES} attributes")


def _attributes(body: bytes, start: int, end: int) -> int:
    """How many attributes the tag at `start` has, counted no further than is allowed."""
    name = _NAME.match(body, start, end)
    position, count = name.end() if name else end, 0
    while count <= ATTRIBUTES and (found := _ATTRIBUTE.match(body, position, end)):
        position, count = found.end(), count + 1
    return count
