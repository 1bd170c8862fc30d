"""The event window as people write it: sessions counted from session 0. Pure."""

import re

# Estimation ends thirty sessions before session 0; a window reaches at most into what lies between.
EARLIEST, LATEST = -20, 60
_WRITTEN = re.compile(
    r"[\[(]?\s*(?:([+-]?\d{1,3})\s*(?:\.\.+|…|,|;|–|to|:|-)\s*)?([+-]?\d{1,3})\s*[\])]?", re.ASCII
)


def parse_window(text: str) -> tuple[int, int] | None:
    """ "0..5", "[0,+5]", "0-5", "-1..10", "-1 to 10", "T+5" or "5" (0 to 5); None where none.

    Neither end lies beyond `EARLIEST` and `LATEST`, and the window holds session 0.
    """
    found = _WRITTEN.fullmatch(re.sub(r"\bt(?=[+-])", "", text.strip().lower().replace("−", "-")))
    if found is None:
        return None
    first, last = int(found[1] or 0), int(found[2])
    return (first, last) if EARLIEST <= first <= 0 <= last <= LATEST else None


def window_text(window: tuple[int, int]) -> str:
    """As the literature writes it: "[0, +5]", "[−1, +10]"."""
    return f"[{_signed(window[0])}, {_signed(window[1])}]"


def _signed(offset: int) -> str:
    return f"−{-offset}" if offset < 0 else f"+{offset}" if offset else "0"
