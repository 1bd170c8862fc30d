"""Discord's markdown: how to write text that cannot mean anything in it, and how it is read. Pure.

Lengths are UTF-16 units: whether Discord counts these or code points, what fits in them fits.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from bot.cards.addresses import pieces
from bot.cards.to_text import clean
from bot.model.wording import moment

INVISIBLE = "\u200b"
# An invitation is shown as a large card, even from within angle brackets.
_INVITATION = re.compile(r"discord(?:app)?\.(?:gg|com/invite|me|io)/", re.IGNORECASE)
# Emphasis, spoilers, code, masked links; mentions, times and the like.
_ALWAYS = {ord(character): "\\" + character for character in "\\*_~|`[<"}
_SPECIAL = re.compile(
    r"(?<=:)/(?=/)"  # addresses that are no links
    r"|:(?=[\w+-]+:)"  # :tada:
    r"|(?<=discord|cordapp)\.(?=(?:gg|com|me|io)/)",
    re.IGNORECASE,
)
_PING = re.compile(r"@(?=everyone|here|[&!]?\d)", re.IGNORECASE)
# Lists, headings, quotes and small print, where a line begins.
_LINE_START = re.compile(r"^(\d*)(?<=\d)(?=[.)](?:\s|$))|^(?=(?:[-*]|-?#{1,6}|>{1,3})(?:\s|$))")
_SEEN = re.compile(
    r"(?m:^-# )|\\([^0-9A-Za-z\s])|<(https?://[^ >]+)>|<t:(-?\d+):R>|<@&(\d+)>|(\*\*|\*|"
    + INVISIBLE
    + ")"
)
_FENCED = re.compile(r"```\n(.*?)\n```", re.DOTALL)


def units(text: str) -> int:
    """The length of `text` in UTF-16 units: two for what is beyond the basic plane."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: str) -> str:
    """`text` so that Discord shows it as it is: no pings, no formatting, no masked links.

    Newlines stay. An address stays a link, in angle brackets, which Discord does not show and
    which keep a preview from unfolding; a link in disguise, or an invitation, is no link at all.
    """
    return "\n".join(_line(line, links=True) for line in text.split("\n"))


def inert(text: str) -> str:
    """`text` in one line as with `plain`, without links: for titles, names and cells."""
    return _line(text, links=False)


def _line(text: str, *, links: bool) -> str:
    text = clean(text).strip()
    parts = pieces(text, _INVITATION) if links else [(text, False)]
    written = (f"<{_unpinging(part)}>" if sound else _escaped(part) for part, sound in parts)
    return _LINE_START.sub(r"\1\\", "".join(written))


def _escaped(text: str) -> str:
    return _PING.sub("@" + INVISIBLE, _SPECIAL.sub(r"\\\g<0>", text.translate(_ALWAYS)))


def _unpinging(address: str) -> str:
    return re.sub("@(?=everyone|here)", "%40", address, flags=re.IGNORECASE)


def shortened(text: str, limit: int, write: Callable[[str], str]) -> str:
    """`write(text)` in at most `limit` units; where it is longer, of its beginning and a "…".

    It is the text that is cut, not what was written, so that no escape loses its half.
    """
    # Far beyond what can be shown, there is no need to look at it.
    longer, text = len(text) > 4 * limit, clean(text[: 4 * limit]).strip()
    if not longer and units(text) <= limit and units(whole := write(text)) <= limit:
        return whole
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if units(write(text[:middle].rstrip() + "…")) <= limit:
            low = middle
        else:
            high = middle - 1
    while 0 < low < len(text) and unicodedata.combining(text[low]):
        low -= 1
    return write(text[:low].rstrip() + "…")


def whole_lines(lines: Sequence[str], limit: int) -> tuple[list[str], str]:
    """The first lines that fit in `limit` units with their newlines, and how many were left out.

    That is "… 12 more", which is counted towards the limit, or "" where they all fit.
    """
    if sum(units(line) + 1 for line in lines) - 1 <= limit:
        return list(lines), ""
    room = limit - units(left_out(len(lines)))
    kept: list[str] = []
    for line in lines:
        room -= units(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept, left_out(len(lines) - len(kept))


def last_lines(lines: Sequence[str], limit: int) -> list[str]:
    """The last lines that fit in `limit` units, below how many earlier ones were left out."""
    kept, more = whole_lines(lines[::-1], limit)
    if more:
        kept, _ = whole_lines(lines[::-1], limit - len("earlier") + len("more"))
    rest = len(lines) - len(kept)
    return [*([f"… {rest:,} earlier"] if rest else []), *kept[::-1]]


def left_out(number: int) -> str:
    """What is said of lines, rows or fields for which there is no room."""
    return f"… {number:,} more"


def as_seen(text: str) -> str:
    """What a reader sees of `text`, without its markup; blocks of code as they are.

    A relative time is shown as the moment that it is relative to.
    """
    parts = _FENCED.split(text)
    parts[::2] = [_SEEN.sub(_one_seen, part) for part in parts[::2]]
    return "".join(parts)


def _one_seen(found: re.Match[str]) -> str:
    escaped, address, at, role, _markup = found.groups()
    if at:
        return f"[time since {moment(datetime.fromtimestamp(int(at), UTC))}]"
    return escaped or address or (f"@role {role}" if role else "")


def joined(parts: Iterable[str], between: str = " · ") -> str:
    """The parts that are not empty, with something between them."""
    return between.join(part for part in parts if part)
