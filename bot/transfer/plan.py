"""What a file asks for, as far as it is right, and what is wrong in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import UserError
from bot.model.basket import Basket
from bot.model.feed import Feed
from bot.model.receiver import Receiver
from bot.transfer.document import Document
from bot.transfer.document import place as placed
from storage.controls import Wishes
from storage.receivers import Subscription


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription that is to be there, and until when it alone is silent, and who said so."""

    item: Subscription
    place: str
    silenced: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class WantedChannel:
    """A channel that is to be there, with all that it gets; silences are target, until, by."""

    receiver: Receiver
    place: str
    set_up_by: str
    wishes: Wishes
    items: tuple[Wanted, ...]
    silences: tuple[tuple[str, datetime, str], ...]


@dataclass
class Plan:
    """What a file asks for. `expired` counts what was over already; `unknown` are symbols that
    nobody has asked for here yet; `mistakes` are one line each, and with any nothing is done.
    """

    document: Document
    channels: list[WantedChannel] = field(default_factory=list)
    baskets: list[Basket] = field(default_factory=list)
    feeds: list[tuple[Feed, str]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    expired: int = 0
    mistakes: list[str] = field(default_factory=list)

    @contextmanager
    def at(self, *where: str | int) -> Iterator[str]:
        """What is wrong in here is a mistake of that place."""
        place = placed(where)
        try:
            yield place
        except UserError as error:
            self.mistakes.append(f"{place}: {error}")
