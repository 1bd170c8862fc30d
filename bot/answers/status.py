"""/status: is the bot well, and how old is what it knows?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.alerts.gate import Verdict
from bot.costs.doubts import in_doubt
from bot.cycle.watched import watched_symbols
from bot.market.calendar import exchange_of
from bot.model.bar import MICRO
from bot.model.card import Card, Field, Table, Tone
from bot.model.rate import Doubt
from bot.model.receiver import Receiver
from bot.model.trust import Health
from bot.model.wording import count, day, listing, moment, price
from bot.priced import ledger_of
from bot.services import Request
from bot.sourced import in_use
from storage import feeds, market, outbox, prices, receivers, releases, trust
from storage.backup import BACKUP
from storage.feeds import FeedState

MOST_HELD = 8
# One answer that did not come is no news; of a feed that fails longer it is.
FAILING = 3
MOST_NAMED = 8
WEEK = timedelta(days=7)


async def status(request: Request) -> Card:
    """Data age, what is watched, what is on its way, which receivers cannot be reached."""
    now = request.now
    async with request.services.database.read() as connection:
        last = await market.last_days(connection)
        symbols = await market.symbol_rows(connection)
        states = await outbox.counts(connection)
        oldest = await outbox.oldest_unsent(connection)
        known = await releases.count(connection, now)
        everyone = await receivers.receivers(connection)
        subscriptions = await receivers.subscriptions(connection)
        held = await trust.held(connection)
        every = await trust.sources(connection)
        feeds_state = _feeds(await feeds.feeds(connection, owner=""))
        price_lists = await prices.looks(connection)
        watched = await watched_symbols(connection, request.services.settings.market.watch)
    used = in_use(request.services)
    sources_health = {name: health for name, health in every.items() if name in used}
    backed_up = _backups(sources_health.pop(BACKUP, None))
    waits = in_doubt((await ledger_of(request.services.database)).rates) if price_lists else {}
    targets = {s.rule.target for s in subscriptions if s.rule is not None}
    old = old_prices({symbol: last[symbol] for symbol in watched if symbol in last})
    without = [symbol for symbol in watched if symbol not in last]
    last = {symbol: at for symbol, at in last.items() if symbol in symbols}
    newest = min(max(last.values()), now.date()) if last else None
    age = None if newest is None else (now.date() - newest).days
    waiting = states.get("pending", 0) + states.get("claimed", 0)
    disabled = [r for r in everyone if r.disabled_reason is not None and _concerns(request, r)]
    named = [r for r in disabled if _may_see(request, r)]
    fields = [
        Field(
            "Prices",
            "none yet"
            if newest is None or age is None
            else f"to {day(newest)} ({_age(age)}), {count(len(last), 'symbol')}",
        ),
        Field("Releases", f"{known:,} known"),
        Field(
            "Watched",
            _watched(len(targets), sum(s.rule is not None for s in subscriptions)),
        ),
        *feeds_state,
        *_price_lists(price_lists),
        *_held_prices(waits),
        *backed_up,
        Field(
            "Messages", f"{states.get('sent', 0):,} sent, {waiting:,} waiting{_since(oldest, now)}"
        ),
    ]
    stopped = request.services.live.stopped
    for surface, stop in sorted(stopped.items()):
        until = f", until {moment(stop.until)}" if stop.until else ""
        why = f"nothing is sent since {moment(stop.since)}{until}: {stop.why}"
        fields.append(Field(surface.capitalize(), why))
    unheard = request.services.live.unheard
    for surface, stop in sorted(unheard.items()):
        why = f"no command comes since {moment(stop.since)}: {stop.why}"
        fields.append(Field(f"{surface.capitalize()} commands", why))
    if states.get("dead"):
        fields.append(Field("Refused", f"{count(states['dead'], 'message')} by the platform"))
    if hidden := len(disabled) - len(named):
        fields.append(Field("Not reached", _hidden(hidden, bool(named))))
    if old:
        oldest_first = sorted(old, key=lambda symbol: (old[symbol][0], symbol))
        ends = [
            f"{symbol} to {day(old[symbol][0])} ({_behind(old[symbol][1])})"
            for symbol in oldest_first
        ]
        fields.append(Field("Old prices", _some(ends)))
    if without:
        fields.append(Field("No price yet", _some(without)))
    failing = [health for health in sources_health.values() if health.failures]
    for health in failing:
        since = f" since {moment(health.failing_since)}" if health.failing_since else ""
        last_good = f"; last good answer {moment(health.ok_at)}" if health.ok_at else ""
        fields.append(Field(health.source, f"failing{since}: {health.detail}{last_good}"))
    for symbol, one in sorted(held.items())[:MOST_HELD]:
        why = Verdict[one.reason].value
        fields.append(Field(f"{symbol} held", f"{price(one.price / MICRO)}: {why}"))
    if len(held) > MOST_HELD:
        fields.append(Field("Held", f"{len(held) - MOST_HELD} more prices"))
    stale = age is not None and age > 5
    title = "Working"
    if stale and newest is not None:
        title = f"Working; prices end on {day(newest)}"
    if failing:
        streams = all(health.source.endswith(" stream") for health in failing)
        first = (
            failing[0]
            if streams
            else next(health for health in failing if not health.source.endswith(" stream"))
        )
        stands = "polling goes on" if streams else "the last good values stand"
        title = f"{first.source} fails; {stands}"
    if disabled:
        title = f"{count(len(disabled), 'channel')} cannot be reached"
    if unheard:
        title = f"No commands come from {listing([one.capitalize() for one in sorted(unheard)])}"
    if stopped:
        title = (
            f"{listing([surface.capitalize() for surface in sorted(stopped)])} takes no messages"
        )
    sources = Counter(row["source"] for symbol, row in symbols.items() if symbol in last)
    return Card(
        title=title,
        fields=tuple(fields),
        table=Table(
            columns=("channel", "why it is not told"),
            rows=tuple((r.title, r.disabled_reason or "") for r in named),
        )
        if named
        else None,
        footer=f"Prices: {'; '.join(sources) or 'no source yet'}. Asked at {moment(now)}.",
        tone=Tone.DOWN if disabled or stopped or unheard else Tone.NEUTRAL,
        facts={
            "prices_to": newest and newest.isoformat(),
            "price_age_days": age,
            "symbols": len(last),
            "releases": known,
            "targets": len(targets),
            "subscriptions": len(subscriptions),
            "sent": states.get("sent", 0),
            "waiting": waiting,
            "refused": states.get("dead", 0),
            "disabled_receivers": len(disabled),
            "stopped_surfaces": {surface: stop.why for surface, stop in stopped.items()},
            "unheard_surfaces": {surface: stop.why for surface, stop in unheard.items()},
            "held": {symbol: one.reason.lower() for symbol, one in held.items()},
            "failing_sources": {health.source: health.detail for health in failing},
            "old_prices": {symbol: at.isoformat() for symbol, (at, _days) in old.items()},
            "no_price_yet": without,
            "price_lists": {source: at.isoformat() for source, (at, _) in price_lists.items()},
            "model_prices_held": {
                source: {why.name.lower(): number for why, number, _ in reasons}
                for source, reasons in waits.items()
            },
            "asked_at": now.isoformat(),
        },
    )


def _concerns(request: Request, other: Receiver) -> bool:
    """Who runs the bot hears of every channel; anybody else of those of the own server only."""
    return request.receiver.surface == "console" or other.owner == request.receiver.owner


def _may_see(request: Request, other: Receiver) -> bool:
    """Whether a channel may be named: it may be one that not everybody there knows of."""
    here = request.receiver
    own = (other.surface, other.address) == (here.surface, here.address)
    return here.surface == "console" or own or request.sees(other)


def _hidden(number: int, more: bool) -> str:
    """How many channels cannot be reached that are not named."""
    one = number == 1
    return (
        f"{'and ' if more else ''}{count(number, 'channel')} that {'is' if one else 'are'} not "
        f"shown here; /status in {'it' if one else 'each'} says why"
    )


def old_prices(last: Mapping[str, date]) -> dict[str, tuple[date, int]]:
    """Symbols whose newest price, in `last`, is older than others': its day, and days behind. Pure.

    A symbol is compared with those of its own exchange, for their holidays differ; it is behind
    in any case once it is so by more than a week of the newest of all.
    """
    newest: dict[str, date] = {}
    for symbol, at in last.items():
        exchange = exchange_of(symbol)
        newest[exchange] = max(at, newest.get(exchange, at))
    overall = max(last.values(), default=date.min)
    found = {}
    for symbol, at in last.items():
        own = newest[exchange_of(symbol)]
        expected = overall if overall - own > WEEK else own
        if at < expected:
            found[symbol] = (at, (expected - at).days)
    return found


def _watched(targets: int, alerts: int) -> str:
    if not alerts:
        return "nothing; /alert add begins it"
    return (
        f"{count(targets, 'symbol or basket', 'symbols or baskets')} for {count(alerts, 'alert')}"
    )


def _behind(days: int) -> str:
    return f"{count(days, 'day')} behind"


def _some(items: list[str]) -> str:
    more = len(items) - MOST_NAMED
    return ", ".join(items[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _age(days: int) -> str:
    return "today" if days == 0 else f"{count(days, 'day')} old"


def _since(oldest: datetime | None, now: datetime) -> str:
    if oldest is None:
        return ""
    minutes = max(0, int((now - oldest).total_seconds() // 60))
    return f", the oldest for {count(minutes, 'minute')}"


def _feeds(shipped: Sequence[FeedState]) -> list[Field]:
    """How the shipped feeds do that are looked at; nothing where none is."""
    every = [one for one in shipped if one.off_at is None and (one.ok_at or one.failures)]
    if not every:
        return []
    failing = [one for one in every if one.failures >= FAILING]
    newest = max((one.ok_at for one in every if one.ok_at), default=None)
    read = f", last read {moment(newest)}" if newest else ", none read yet"
    text = f"{count(len(every), 'feed')}{read}"
    if failing:
        names = [f"{one.feed.title} ({_since_when(one)}{one.detail})" for one in failing]
        verb = "fails" if len(failing) == 1 else "fail"
        text += f"; {len(failing)} {verb}: {_some(names)}; more in /feeds health"
    return [Field("Feeds", text)]


def _since_when(one: FeedState) -> str:
    return f"since {moment(one.failing_since)}: " if one.failing_since else ""


def _backups(health: Health | None) -> list[Field]:
    """When the database was last backed up, and why not since; nothing where it never was to be."""
    if health is None:
        return []
    last = f"the last {moment(health.ok_at)}" if health.ok_at else "none yet"
    if not health.failures:
        return [Field("Backups", last)]
    since = f" since {moment(health.failing_since)}" if health.failing_since else ""
    return [Field("Backups", f"{last}; failing{since}: {health.detail}")]


def _price_lists(looks: Mapping[str, tuple[datetime, int]]) -> list[Field]:
    """How old the lists of what models cost are; nothing where none was read yet."""
    if not looks:
        return []
    named = [
        f"{source}, {count(number, 'price')}, last read {moment(at)}"
        for source, (at, number) in looks.items()
    ]
    return [Field("Model prices", "; ".join(named))]


def _held_prices(waits: Mapping[str, Sequence[tuple[Doubt, int, datetime]]]) -> list[Field]:
    """What a list has that is neither believed nor told yet, a line for each reason."""
    lines = [
        f"{source}: {count(number, 'price')}, the newest of {day(newest.date())}: {why.value}"
        for source, reasons in waits.items()
        for why, number, newest in reasons
    ]
    return [Field("Model prices held", "\n".join(lines))] if lines else []
