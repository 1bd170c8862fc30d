"""Finding what a command names: a symbol or basket, forgiving case, offering near names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import UserError
from bot.model.basket import Basket, Lab
from bot.model.receiver import Receiver
from bot.model.symbol import is_symbol
from bot.services import Request
from storage import market, receivers

SHORT = 3
UNKNOWN = "(currency unknown)"

# Longer than any holiday week-end.
STALE_DAYS = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What can be named in a channel: baskets by target, symbols with what they are, labs."""

    baskets: Mapping[str, Basket]
    symbols: Mapping[str, Mapping[str, str]]
    labs: Mapping[str, Lab] = field(default_factory=dict)

    def basket(self, name: str, owner: str) -> Basket | None:
        """The channel's own basket of that name, otherwise the shipped one."""
        key = name.lower()
        return self.baskets.get(f"{key}@{owner}") or self.baskets.get(key)

    def label(self, target: str) -> str:
        """How a target is called in a sentence: "AI stocks", "NVDA"."""
        return self.baskets[target].title if target in self.baskets else target

    def unit(self, target: str) -> str:
        """The unit of a symbol's price, in words where its source has not said it yet."""
        return (self.symbols[target]["unit"] or UNKNOWN) if target in self.symbols else "USD"


async def channel_of(connection: AsyncConnection, request: Request) -> Receiver:
    """The channel that asks, made if it is new."""
    given = request.receiver
    return await receivers.receiver_of(
        connection, given.surface, given.address, given.title, request.now, given.community
    )


async def known(connection: AsyncConnection, request: Request) -> Known:
    """The baskets and symbols that this channel can name."""
    return Known(
        await market.baskets(connection, request.receiver.owner),
        await market.symbol_rows(connection),
        request.services.releases.labs,
    )


def is_known(text: str, names: Known, owner: str) -> bool:
    """Whether `text` names a basket or a symbol that is watched."""
    return names.basket(text.strip(), owner) is not None or _plain(text) in names.symbols


def _plain(text: str) -> str:
    """A symbol as Yahoo has it; many write "$NVDA" in a chat."""
    return text.strip().removeprefix("$").upper()


def find_target(text: str, names: Known, owner: str) -> str:
    """The target that `text` names. Raises UserError with the nearest names."""
    basket = names.basket(text.strip(), owner)
    if basket is not None:
        return basket.target
    return find_symbol(text, names, [b.name for b in names.baskets.values()])


def find_symbol(text: str, names: Known, others: Iterable[str] = ()) -> str:
    """The symbol that `text` names. Raises UserError with the nearest names."""
    symbol = _plain(text)
    if symbol in names.symbols:
        return symbol
    lowered = {name.lower(): name for name in [*names.symbols, *others]}
    near = _called(text, names) or [
        lowered[name] for name in get_close_matches(text.lower(), lowered, 3, _alike(text))
    ]
    what = f"{text} is not a symbol or basket that is watched"
    if not is_symbol(symbol):
        what = f'"{text}" is not a symbol; write it as Yahoo does, such as NVDA or ^GSPC'
    if near:
        raise UserError(f"{what}; did you mean {_or(near)}?")
    raise UserError(f"{what}; /basket list shows what is.")


def _called(text: str, names: Known) -> list[str]:
    """At most three symbols whose company's name begins with what was typed."""
    typed = text.strip().lower()
    found = [s for s, row in names.symbols.items() if row["name"].lower().startswith(typed)]
    return found[:3] if len(typed) >= SHORT else []


def _alike(text: str) -> float:
    """How alike a name must be to be offered: short words resemble many by chance."""
    return 0.7 if len(text) <= SHORT else 0.5


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def age_text(now: datetime, last: date) -> str:
    """How old figures are, for the end of a footer, where they are not of the last few days."""
    days = (now.date() - last).days
    return f"; {days} days old" if days > STALE_DAYS else ""
