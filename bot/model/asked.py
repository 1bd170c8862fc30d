"""A line of a price list: what one source read of one model of one provider."""

from dataclasses import dataclass
from decimal import Decimal

from bot.model.rate import Terms


@dataclass(frozen=True, slots=True)
class Asked:
    """What `provider` asks for what it calls `named`, as `source` lists it.

    `title` is the name for people, "" where there is none. Prices are dollars per million tokens;
    one that is not known is None.
    """

    source: str
    provider: str
    named: str
    terms: Terms
    input_mtok: Decimal | None
    cached_mtok: Decimal | None
    output_mtok: Decimal | None
    title: str = ""
