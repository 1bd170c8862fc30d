"""/alert explain of a model: which changes of its price were found, and by whose word."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.price_news import event_fields
from bot.costs.changes import held
from bot.costs.event_facts import SEEDED, event_facts
from bot.cycle.prices import LATE
from bot.model.card import Card, Field
from bot.model.price_event import PriceEvent
from bot.model.rate import Doubt
from bot.model.wording import count, moment
from bot.priced import ledger_of, plain
from bot.services import Request
from storage import price_events

MOST = 4


async def explain_prices(
    connection: AsyncConnection, request: Request, text: str, zone: str
) -> Card | None:
    """The newest changes of price that were found of a model of that name, and those that are held
    back; None for none.
    """
    every = await price_events.of_model(connection, text, request.now)
    waits = await _held(request, text)
    if not every and not waits:
        return None
    shown = every[:MOST]
    labs = request.services.releases.labs
    fields = [_why_held(one, doubt, zone) for one, doubt in waits[:MOST]]
    for one in shown:
        facts = dict(one.facts)
        if facts["other"]:
            lab, model = facts["other"]
            facts["other"] = {"lab_name": labs[lab].name if lab in labs else lab, "model": model}
        (said,) = event_fields({"events": [facts]})
        found = moment(one.found_at, zone)
        how = (
            f"known at the first look, {found}, and told to nobody"
            if facts.get(SEEDED)
            else f"found {found}, told to the channels whose subscription lets it through"
        )
        fields.append(replace(said, value=f"{said.value}\n{how[0].upper()}{how[1:]}"))
    name = shown[0].model if shown else waits[0][0].model[1]
    title = f"{name}: {count(len(every), 'piece')} of news about its price"
    if waits:
        title = f"{name}: {count(len(waits), 'change')} of its price held back"
    return Card(
        title=title,
        text="Newest first" + (f"; the first {MOST} are shown" if len(every) > MOST else ""),
        fields=tuple(fields),
        footer=f"Asked at {moment(request.now, zone)}",
        facts={
            "price_events": [dict(one.facts) for one in shown],
            "prices_held": [
                {**event_facts(one), "held": doubt.name.lower()} for one, doubt in waits[:MOST]
            ],
        },
    )


async def _held(request: Request, text: str) -> list[tuple[PriceEvent, Doubt]]:
    """The changes of the last weeks of a model of that name that are told to nobody."""
    book = await ledger_of(request.services.database)
    keys = [key for key in book.keys if plain(key[1]) == plain(text)]
    return held(book, keys, request.now - LATE, request.now)


def _why_held(event: PriceEvent, doubt: Doubt, zone: str) -> Field:
    (said,) = event_fields({"events": [event_facts(event)]})
    return Field(
        f"{said.name}, held back",
        f"{said.value}\nTold to nobody: {doubt.value}. Seen {moment(event.at, zone)}",
    )


def both(first: Card | None, then: Card | None) -> Card | None:
    """What is known of one thing (its release), and of another (its price) below that."""
    if first is None or then is None:
        return first or then
    return replace(
        first,
        fields=(*first.fields, *then.fields),
        facts={**first.facts, **then.facts},
    )
