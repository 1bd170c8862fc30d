"""Baskets of symbols, and the labs that stocks are exposed to."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Basket:
    """A named set of symbols, held at equal weight and rebalanced daily.

    `title` reads in a sentence ("AI stocks"); `owner` is "" for a shipped basket, otherwise
    the channel's or community's that made it; `why` says what its members have in common.
    """

    name: str
    title: str
    members: tuple[str, ...]
    why: str = ""
    owner: str = ""

    @property
    def target(self) -> str:
        """What rules and stories call it: two communities may each have a basket of one name."""
        return f"{self.name}@{self.owner}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class Exposure:
    """A stock that depends on a lab, and the reason; `since` when, if that matters."""

    lab: str
    symbol: str
    reason: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Lab:
    """A maker of models. `frontier` marks those whose language models move the field."""

    key: str
    name: str
    frontier: bool = False
