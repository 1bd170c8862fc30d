"""Find what is new in the ledger of prices, and tell those who subscribed: each event once.

Finding, keeping and enqueueing are one transaction, so whatever ends the program, nothing is told
twice or lost. The first look is silent. What is learnt late is told with its date, within weeks.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.costs.changes import SAME, changes
from bot.costs.doubts import in_doubt
from bot.costs.event_facts import SEEDED, event_facts, price_facts
from bot.costs.ledger import Ledger
from bot.costs.undercut import FRESH, leaders
from bot.costs.wanted import wanted
from bot.cycle.facts import prices_facts
from bot.cycle.flush import tell_news
from bot.model.known import Model
from bot.model.price_event import EventKind
from bot.model.rate import Key
from bot.model.release import Release
from bot.model.wording import count
from bot.priced import ledger_of
from bot.releases.models import load_models
from bot.services import Services
from storage import price_events, receivers, releases
from storage.price_events import FoundEvent
from storage.receivers import Subscription

log = logging.getLogger(__name__)
KIND = "prices"
# What became true longer ago is told to nobody: a list may have been wrong for as long.
LATE = timedelta(days=45)
MOST_BESIDE = 4
_ORDER = [kind.value for kind in EventKind]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Market:
    """The prices and the models that events are found in."""

    book: Ledger
    models: Sequence[Model]


async def find_and_tell(services: Services, now: datetime) -> int:
    """Look for what has become true of prices, keep it and enqueue it; how much was new."""
    market = await market_of(services, now)
    found = changes(market.book, market.models, now - LATE, now)

    async def work(connection: AsyncConnection) -> int:
        begun = await price_events.has_begun(connection)
        kept = await price_events.effective_since(connection, now - LATE - SAME)
        fresh = [
            FoundEvent(one.key, one.kind.value, *one.model, one.at, now, event_facts(one))
            for one in found
        ]
        new = _unknown(fresh, kept)
        if not begun:
            for one in new:
                one.facts[SEEDED] = True
            await price_events.mark_begun(connection, now)
        await price_events.put_events(connection, new)
        if begun and new:
            await _tell(connection, services, market, new, now)
        return len(new)

    number = await services.database.write(work)
    if number:
        log.info("%d new in what models cost", number)
    for source, reasons in in_doubt(market.book.rates).items():
        for why, models, _ in reasons:
            log.warning("%s: held back, %s: %s", source, count(models, "price"), why.value)
    return number


async def market_of(services: Services, now: datetime) -> Market:
    """Every price that is known, with the models of the last weeks that do not ship."""
    book = await ledger_of(services.database)
    shipped = load_models()
    async with services.database.read() as connection:
        heard = await releases.releases(connection, now)
    late = {
        (one.lab, one.model): one
        for one in heard
        if now - one.known_at <= LATE + FRESH
        and one.kind == "language"
        and shipped.named(one.lab, one.model) is None
    }
    fresh = [_model(one) for key, one in late.items() if book.of(key)]
    if not fresh:
        return Market(book, shipped.models)
    released = {(m.lab, m.name): datetime.combine(m.released_on, time(), UTC) for m in fresh}
    return Market(Ledger(book.rates, {**released, **book.released}), [*shipped.models, *fresh])


def _model(release: Release) -> Model:
    """What is known of a model that has just come: whose it is, since when."""
    return Model(
        lab=release.lab, name=release.model, aliases=(), released_on=release.released_on,
        kind=release.kind, leads=False, reasoning=None, open_weights=release.open_weights,
        licence="", licence_source="", parameters=None, active=None, parameters_source="",
        context=None, context_source="", inputs=(), outputs=(), modalities_source="",
        compute_flop=None, compute_source="", cost_usd=None, cost_what="", cost_source="",
    )  # fmt: skip


def _unknown(fresh: Sequence[FoundEvent], kept: Sequence[FoundEvent]) -> list[FoundEvent]:
    """Those that were not found before, under another day perhaps: sources correct their days."""
    keys = {one.key for one in kept}
    return [one for one in fresh if one.key not in keys and not any(_is_same(one, k) for k in kept)]


def _is_same(one: FoundEvent, other: FoundEvent) -> bool:
    same = (one.kind, one.lab, one.model, one.facts["terms"]) == (
        other.kind, other.lab, other.model, other.facts["terms"],
    )  # fmt: skip
    if not same or abs(one.effective_at - other.effective_at) > SAME:
        return False
    return one.kind not in (EventKind.CUT, EventKind.RISE) or _figures(one) == _figures(other)


def _figures(one: FoundEvent) -> list[float | None]:
    after = one.facts["after"]
    return [after[name] and after[name]["value"] for name in ("input", "output")]


@dataclass
class _Message:
    """What one channel is told of one lab's day, and the subscription that it comes by."""

    by: Subscription
    events: list[Facts] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)


async def _tell(
    connection: AsyncConnection,
    services: Services,
    market: Market,
    new: Sequence[FoundEvent],
    now: datetime,
) -> None:
    """Enqueue it: one message for what a lab did on one day, once for each channel."""
    subscriptions = await receivers.subscriptions(connection, kind=KIND)
    together: dict[tuple[str, date], list[FoundEvent]] = {}
    for one in new:
        together.setdefault((one.lab, one.effective_at.date()), []).append(one)
    for some in together.values():
        ordered = sorted(some, key=lambda one: (_ORDER.index(one.kind), one.model))
        for message in _messages(ordered, subscriptions, services):
            facts = told_facts(message.events, market, services, now)
            if message.mentions:
                facts["mention"] = " ".join(dict.fromkeys(message.mentions))
            await tell_news(connection, services, message.by, facts, now)


def _messages(
    events: Sequence[FoundEvent], subscriptions: Sequence[Subscription], services: Services
) -> list[_Message]:
    found: dict[int, _Message] = {}
    for subscription in subscriptions:
        for one in events:
            if not (
                _is_news(subscription, one)
                and wanted(one.facts, services.releases.labs, subscription.filters)
            ):
                continue
            message = found.setdefault(subscription.receiver_id, _Message(subscription))
            if one.facts not in message.events:
                message.events.append(one.facts)
            if subscription.mention:
                message.mentions.append(subscription.mention)
    for message in found.values():  # what several subscriptions let through, in one order
        keys = [one.key for one in events]
        message.events.sort(key=lambda one: keys.index(one["key"]))
    return list(found.values())


def _is_news(subscription: Subscription, one: FoundEvent) -> bool:
    """Whether it became true after the channel subscribed. Of a day alone, by its end."""
    ended = one.effective_at
    if ended.time() == time():
        ended += timedelta(days=1)
    return subscription.created_at < ended


def told_facts(
    events: Sequence[Facts], market: Market, services: Services, now: datetime
) -> dict[str, Any]:
    """The facts of a message: the events, what other labs' leading models cost, the stocks."""
    lead = events[0]
    at = datetime.fromisoformat(lead["at"])
    labs = services.releases.labs

    def lab_name(key: str) -> str:
        return labs[key].name if key in labs else key

    told = [
        {**one, "other": {"lab_name": lab_name(one["other"][0]), "model": one["other"][1]}}
        if one["other"]
        else dict(one)
        for one in events
    ]
    beside = [
        {"lab_name": lab_name(key[0]), "model": key[1], "price": price}
        for key, price in _beside(market, lead["lab"], at)
    ]
    exposed = [
        {"symbol": item.symbol, "reason": item.reason}
        for item in services.releases.exposures.get(lead["lab"], ())
        if item.since is None or item.since <= at.date()
    ]
    return prices_facts(lead["lab"], lab_name(lead["lab"]), told, beside, exposed, now)


def _beside(market: Market, lab: str, at: datetime) -> list[tuple[Key, dict[str, Any]]]:
    """The other labs' newest leading models with what they cost then, the cheapest first."""
    found = []
    for key in leaders(market.book, market.models, at, without=lab):
        quoted = market.book.quote(key, at)
        if quoted is not None and quoted.best.input_mtok and quoted.best.output_mtok:
            worth = 3 * quoted.best.input_mtok + quoted.best.output_mtok
            found.append((worth, key, price_facts(quoted)))
    return [(key, price) for _, key, price in sorted(found, key=lambda one: one[:2])][:MOST_BESIDE]
