"""Values drawn from bytes, so that any fuzzer can make any of them."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")
# What breaks readers of numbers, dates and markup more often than chance would.
_ODD = (
    "", " ", "\0", "\n", "\u200b", "\u202e", "\ud800", "@everyone", "<@1>", "<!channel>", "```",
    "**", "](https://x.example)", "NaN", "inf", "-inf", "1e999", "1E+999999", "-0", "²", "٣",
    "9" * 400, "0x10", "2025-02-30", "2025-13-01T99:99", "Mon, 99 Foo 2025", "12:00", "a" * 300,
    "👩‍👩‍👧", "ÿ", "%s", "{0}", "'; DROP TABLE receiver; --", "../../etc/passwd", "=", ",", ":",
)  # fmt: skip


class Drawn:
    """Reads values from `data`; nought once it is used up, so that it always ends."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> int:
        """How many bytes have not been used."""
        return max(0, len(self._data) - self._at)

    def number(self, below: int) -> int:
        """A whole number from 0, less than `below` (65,536 at most)."""
        return int.from_bytes(self.part(1 if below <= 256 else 2), "big") % below

    def part(self, most: int) -> bytes:
        """The next bytes, `most` of them where there are so many."""
        taken = self._data[self._at : self._at + most]
        self._at += most
        return taken

    def one_of(self, things: Sequence[T]) -> T:
        """One of the things."""
        return things[self.number(len(things))]

    def flag(self) -> bool:
        """Yes or no."""
        return bool(self.number(2))

    def text(self, most: int = 40) -> str:
        """Some text: what is in the bytes, something odd, or either very often."""
        kind = self.number(4)
        if kind == 0:
            return self.one_of(_ODD)
        if kind == 1:
            return (self.one_of(_ODD) + self.part(4).decode("utf-8", "replace")) * self.number(60)
        return self.part(self.number(most + 1)).decode("utf-8", "replace")

    def json(self, names: Sequence[str], depth: int = 4) -> Any:
        """Anything that JSON can hold, with these names of members more often than others."""
        kind = self.number(9) if depth else self.number(6)
        if kind < 2:
            return self.text()
        if kind == 2:
            return (None, True, False, 0, -1)[self.number(5)]
        if kind == 3:
            return self.number(65_536) * 10 ** self.number(20)
        if kind == 4:
            odd = (0.1, -1.5, 1e308, 1e-320, float("nan"), float("inf"), 10**40, 4e20)
            return self.one_of(odd)
        if kind == 5:
            return str(self.number(65_536) / 1000)
        if kind == 6:
            return [self.json(names, depth - 1) for _ in range(self.number(5))]
        return {
            (self.one_of(names) if names and self.number(8) else self.text()): self.json(
                names, depth - 1
            )
            for _ in range(self.number(9))
        }

    def encoded(self, names: Sequence[str]) -> bytes:
        """The same as bytes."""
        return json.dumps(self.json(names)).encode()
