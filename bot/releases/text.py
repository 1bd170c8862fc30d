"""Text of others without its markup, and what makes it safe to keep. Pure."""

import html
import re
from urllib.parse import urljoin, urlsplit

SUMMARY = 300
TITLE = 500
ID = 500
URL = 2000
# Enough markup to find three hundred characters of text in; the rest is never looked at.
_LOOKED_AT = 8000
# Looked at first: of most texts, three hundred characters are left of these.
_ENOUGH = 360
# The beginning of "&CounterClockwiseContourIntegral;", or of a shorter name, that was cut off.
_HALF_NAME = re.compile(r"&[^\s;&]{0,40}\Z")
_HIDING = frozenset("!?sStTnN")

_HIDDEN = re.compile(
    r"<(script|style|noscript|template|svg)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)"
    r"|<!\[CDATA\[|\]\]>|<![A-Za-z][^<>]*>|<\?[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)((?:\s|/)[^<>]*)?>")
# A tag that was cut off at the end of what is looked at.
_HALF = re.compile(r"<[^<>]*\Z")
# Tags that stand inside a word or sentence; every other one parts what is around it.
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo big cite code del dfn em font i ins kbd mark nobr q s samp small span "
        "strike strong sub sup time tt u var wbr",
    )
)
_KNOWN = _INLINE | frozenset(
    re.findall(
        r"\w+",
        "address article aside audio blockquote body br button caption center col colgroup dd "
        "details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr "
        "html iframe img input label legend li link main meta nav object ol option p param picture "
        "pre section select source summary table tbody td textarea tfoot th thead title tr ul "
        "video",
    )
)
# Orders of reading, invisible marks and lone halves of a pair: nothing that a reader would miss.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_PRINTABLE = bytes(range(32, 127))
_SPACES = re.compile(r"\s+")
# An absolute address as nearly all are: nothing in it could mislead, so nothing is taken apart.
_PLAIN = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[!#-;=?-~]*)?\Z")


def clean(text: str) -> str:
    """One line, without characters that are not seen."""
    if not text.isascii() or text.encode().translate(None, _PRINTABLE):
        text = _UNSEEN.sub("", text)
    elif "  " not in text:  # the usual case; no other space is printable
        return text.strip()
    return " ".join(text.split())


def cut(text: str, length: int) -> str:
    """At most `length` characters, ending with a whole word where there are words."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    space = kept.rfind(" ", length * 2 // 3)
    return (kept[:space] if space > 0 else kept).rstrip(" ,;:–-") + "…"


def title_of(text: str, *, markup: bool = True) -> str:
    """A title: tags of HTML are taken out, what only looks like one ("<think>") is kept."""
    text = text.lstrip()[:_LOOKED_AT]
    if "<" in text and (markup or _is_markup(text)):
        markup = True
        text = _TAG.sub(lambda tag: _instead(tag) if _is_html(tag) else tag[0], text)
    if markup and "&" in text:
        text = html.unescape(text)
    return cut(clean(text), TITLE)


def summary_of(text: str, *, markup: bool = True) -> str:
    """The beginning of a text, at most three hundred characters."""
    text = text.lstrip()[:_LOOKED_AT]
    markup = markup or _is_markup(text)
    if len(text) > _ENOUGH:
        # Nearly always the beginning holds enough, and what follows could not change it.
        start = _plain(text[:_ENOUGH], markup, cut_off=True)
        if len(start) > SUMMARY:
            return cut(start, SUMMARY)
    return cut(_plain(text, markup, len(text) == _LOOKED_AT), SUMMARY)


def _plain(text: str, markup: bool, cut_off: bool) -> str:
    """The text without its markup, in one line."""
    if markup and "<" in text:
        if _may_hide(text):
            text = _HIDDEN.sub(" ", text)
        text = _TAG.sub(_instead, text)
        if cut_off and "<" in text:
            text = _HALF.sub("", text)
    if markup and "&" in text:
        text = html.unescape(_HALF_NAME.sub("", text) if cut_off else text)
    return clean(text)


def _may_hide(text: str) -> bool:
    """Whether something may begin in it that is not shown at all; sooner known than searched."""
    at = text.find("<")
    while at >= 0:
        if text[at + 1 : at + 2] in _HIDING:
            return True
        at = text.find("<", at + 1)
    return "]]>" in text


def _is_markup(text: str) -> bool:
    """Whether a text that is said to be none holds tags of HTML all the same."""
    return "<" in text and any(_is_html(tag) for tag in _TAG.finditer(text))


def _is_html(tag: re.Match[str]) -> bool:
    return tag[1].lower() in _KNOWN


def _instead(tag: re.Match[str]) -> str:
    return "" if tag[1].lower() in _INLINE else " "


def address(link: str, base: str = "") -> str:
    """An absolute http(s) address, or "" where `link` is none that may be shown.

    One with a name before its host ("https://openai.com@evil.example") is none: it misleads.
    """
    if len(link) <= URL and _PLAIN.match(link):
        return link
    link = _SPACES.sub("", _UNSEEN.sub("", link.strip())) if link else ""
    if not link:
        return ""
    try:
        whole = urljoin(base, link) if base else link
        parts = urlsplit(whole)
        host, user = parts.hostname, parts.username
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or user is not None:
        return ""
    return whole if len(whole) <= URL else ""
