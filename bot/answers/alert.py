"""/alert add, list, remove: rules on the market that this channel is told about."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.backtest import asked_rule, tested
from bot.answers.rules import MOST_ALERTS, make_rule
from bot.answers.sharing import change
from bot.answers.targets import Known, channel_of, is_known, known
from bot.cards.conditions import rule_text
from bot.cards.drawdown import window_text
from bot.cards.rules import history_text
from bot.costs import wanted as prices
from bot.cycle.begin import begin
from bot.cycle.watch import subscribe
from bot.errors import UserError
from bot.model.card import Card, Table
from bot.model.rule import PPM, Condition, Rule
from bot.model.symbol import is_symbol
from bot.model.wording import count, every, listing, moment
from bot.releases.wanted import wanted_text
from bot.services import Request
from storage import controls, ended, receivers, stories
from storage.receivers import Subscription

LONGEST_MENTION = 80


async def add(request: Request) -> Card:
    """Tell this channel when a condition is met."""
    settings, options = request.services.settings.alerts, request.options
    mention = role(options.get("mention"))
    expires: timedelta | None = options.get("expires")
    repeat: timedelta | None = options.get("repeat")
    if options.get("once") and repeat is not None:
        raise UserError("once and repeat do not go together; leave one of them out.")
    await _begin_watching(request)

    async def work(connection: AsyncConnection) -> tuple[Subscription, Known, str, int, str]:
        rule, names = await asked_rule(connection, request)
        if options.get("members") and rule.target not in names.baskets:
            raise UserError(
                f"members is about a basket, and {rule.target} is not one; leave it out."
            )
        receiver = await channel_of(connection, request)
        present = await receivers.subscriptions(connection, receiver.id)
        if len(present) >= MOST_ALERTS:
            raise UserError(f"A channel has at most {MOST_ALERTS} alerts; remove one first.")
        for existing in present:
            if existing.rule == rule:
                raise UserError(f"This channel has that alert already, as number {existing.id}.")
        number = await subscribe(
            connection,
            receiver.id,
            rule,
            request.now,
            settings.rearm_closes,
            members=bool(options.get("members")),
            expires_at=None if expires is None else request.now + expires,
            once=bool(options.get("once")),
            repeat_minutes=None if repeat is None else int(repeat.total_seconds() // 60),
            mention=mention,
        )
        found, figures, _board = await tested(connection, request, rule)
        past = history_text(figures, found.first, found.last, rule.condition)
        added = await receivers.subscription_of(connection, number)
        return added, names, past, len(figures), await zone_of(connection, request)

    added, names, past, fired, zone = await change(request, work)
    rule = added.rule
    assert rule is not None
    extras = how(added, zone, peak=False)
    return Card(
        title=f"Alert {added.id}: {described(added, names)}",
        text="\n".join(
            [
                _again(rule, settings.rearm_closes, settings.rearm_percent),
                *([f"Told {extras}."] if extras else []),
                past,
                f"What holds already today is not told. Undo with /alert remove {added.id}.",
            ]
        ),
        facts={
            "number": added.id,
            "target": rule.target,
            "condition": rule.condition.value,
            "window": rule.measure,
            "levels": [value / PPM for value in rule.levels],
            "fired": fired,
            "mention": added.mention,
        },
    )


async def _begin_watching(request: Request) -> None:
    """Look up a symbol that is not known here. A basket's name may be a symbol elsewhere."""
    text = str(request.options["target"])
    async with request.services.database.read() as connection:
        names = await known(connection, request)
    symbol = text.strip().upper()
    if is_symbol(symbol) and not is_known(text, names, request.receiver.owner):
        asked = request.options  # what cannot be a rule is no reason to fetch anything
        make_rule(
            symbol,
            Condition(asked["condition"]),
            asked.get("levels"),
            asked.get("window"),
            request.services.settings.alerts,
            members=None,
        )
        await begin(request.services, symbol, request.now)


def role(text: str | None) -> str | None:
    """A role to mention, as "@desk". Raises UserError for what would call everybody."""
    if text is None:
        return None
    name = text.strip().lstrip("@").strip()
    if name.lower() in ("everyone", "here", "channel", ""):
        raise UserError(
            "An alert mentions a role, not everyone in the channel; name one, such as @desk."
        )
    if len(name) > LONGEST_MENTION:
        raise UserError(f"A role's name has at most {LONGEST_MENTION} letters; give a shorter one.")
    return name if name.startswith("<") else f"@{name}"


def _again(rule: Rule, closes: int, percent: float) -> str:
    """When a level that was told can be told again."""
    if rule.condition is Condition.DRAWDOWN:
        return (
            f"Measured from the highest close of {window_text(rule.measure)}. A level that has "
            f"been told re-arms after {count(closes, 'close')} at least {percent:g} points above "
            "it, or at a new peak."
        )
    if rule.condition is Condition.MOVE:
        return "Measured from the last close; told at most once a day for each level."
    if rule.condition in (Condition.CROWDING, Condition.VOLATILITY):
        return "Once told, it re-arms only after it has been 5 points below."
    return "Once told, it re-arms only after a close 2% back from it."


def counted(found: Sequence[Subscription], none: str) -> str:
    """ "2 alerts and 1 subscription"; `none` is how to say that there are no alerts."""
    news = sum(item.rule is None for item in found)
    alerts = count(len(found) - news, "alert") if news < len(found) else none
    return " and ".join(filter(None, [alerts, count(news, "subscription") if news else ""]))


async def list_rules(request: Request) -> Card:
    """What this channel is told about."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        found = await of_channel(connection, request)
        zone = await zone_of(connection, request)
    news = [s for s in found if s.rule is None]
    if not found:
        return Card(
            title="This channel has no alerts",
            text="Add one with /alert add, such as /alert add NVDA levels=10,20.",
            facts={"alerts": []},
        )
    text = "Remove an alert with /alert remove NUMBER"
    if news:
        text += ", a subscription with /subscribe remove NUMBER"
    return Card(
        title=f"This channel has {counted(found, 'no alerts')}",
        table=Table(
            columns=("number", "what", "how"),
            rows=tuple((str(s.id), described(s, names), how(s, zone)) for s in found),
        ),
        text=f"{text}.",
        facts={
            "alerts": [
                {
                    "number": s.id,
                    "kind": s.kind,
                    "target": s.rule.target if s.rule else None,
                    "condition": s.rule.condition.value if s.rule else None,
                    "levels": [v / PPM for v in s.rule.levels] if s.rule else None,
                    "window": s.rule.measure if s.rule else None,
                    "members": s.members,
                    "expires_at": s.expires_at.isoformat() if s.expires_at else None,
                    "once": s.once,
                    "repeat_minutes": s.repeat_minutes,
                    "mention": s.mention,
                }
                for s in found
            ]
        },
    )


async def remove(request: Request) -> Card:
    """Stop telling this channel of a rule."""
    return await _remove(request, "alert")


async def end_subscription(request: Request) -> Card:
    """End a digest, or news of releases or prices."""
    return await _remove(request, "subscription")


async def _remove(request: Request, kind: str) -> Card:
    """Remove by number. Either command removes either kind; each speaks of its own."""
    number = request.options["number"]

    async def work(connection: AsyncConnection) -> tuple[Subscription, Known]:
        found = await of_channel(connection, request)
        chosen = next((item for item in found if item.id == number), None)
        if chosen is None:
            mine = [str(item.id) for item in found if _kind(item) == kind]
            there = f"its {kind}s are: {listing(mine)}" if mine else "it has none"
            raise UserError(f"This channel has no {kind} {number}; {there}.")
        await ended.remove_subscription(connection, chosen.id)
        await stories.close_unfollowed(connection, chosen.receiver_id, request.now)
        return chosen, await known(connection, request)

    chosen, names = await change(request, work)
    return Card(
        title=f"{_kind(chosen).capitalize()} {number} ({described(chosen, names)}) is removed",
        facts={"number": number},
    )


def _kind(item: Subscription) -> str:
    return "subscription" if item.rule is None else "alert"


async def of_channel(connection: AsyncConnection, request: Request) -> list[Subscription]:
    """What this channel is subscribed to."""
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    return [] if receiver is None else await receivers.subscriptions(connection, receiver.id)


async def zone_of(connection: AsyncConnection, request: Request) -> str:
    """The time zone in which this channel reads moments."""
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    if receiver is None:
        return "UTC"
    return (await controls.wishes(connection, [receiver.id]))[receiver.id].time_zone


def described(item: Subscription, names: Known) -> str:
    """What a subscription tells of."""
    if item.kind == "digest":
        every_ = "weekly" if item.filters["every"] == "week" else "daily"
        return f"a {every_} digest of {item.filters['basket']}"
    if item.kind == "prices":
        return prices.wanted_text(item.filters, names.labs)
    if item.rule is None:
        return wanted_text(item.filters, names.labs)
    target = item.rule.target
    text = rule_text(item.rule, names.label(target), plural=target in names.baskets)
    return text + (", and each member too" if item.members else "")


def how(item: Subscription, zone: str, *, peak: bool = True) -> str:
    """How a subscription tells: its window unless `peak` is False, repeats, end and mention."""
    parts = []
    if peak and item.rule is not None and item.rule.condition is Condition.DRAWDOWN:
        parts.append(f"peak of {item.rule.measure}")
    if item.kind == "digest":
        minute = int(item.filters["minute"])
        days = item.filters["weekday"].capitalize() if item.filters["every"] == "week" else "day"
        parts.append(f"every {days} at {minute // 60:02}:{minute % 60:02} {zone}")
    if item.once:
        parts.append("once")
    if item.repeat_minutes:
        parts.append(f"again {every(timedelta(minutes=item.repeat_minutes))} while it lasts")
    if item.expires_at is not None:
        parts.append(f"until {moment(item.expires_at, zone)}")
    if item.mention:
        parts.append(f"for {item.mention}")
    return ", ".join(parts)
