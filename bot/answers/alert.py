"""/alert add, list, remove: rules on the market that this channel is told about."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.rules import make_rule
from bot.answers.targets import Known, find_target, known
from bot.cards.conditions import rule_text
from bot.cards.drawdown import window_text
from bot.cards.rules import history_text, intraday_note, rule_title
from bot.cycle.backtest import Backtest, backtest, two_years
from bot.cycle.begin import begin
from bot.cycle.load import load_board
from bot.cycle.watch import subscribe
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.card import Card, Table
from bot.model.rule import PPM, Condition, Rule
from bot.model.symbol import is_symbol
from bot.model.wording import count, day, listing, moment
from bot.services import Request
from storage import receivers, stories
from storage.receivers import Subscription

MOST_ALERTS = 100


async def asked_rule(connection: AsyncConnection, request: Request) -> tuple[Rule, Known]:
    """The rule that the options ask for, and the names that this channel knows."""
    options = request.options
    names = await known(connection, request)
    target = find_target(options["target"], names, request.receiver.owner)
    if target == REFERENCE:
        raise UserError(
            "benchmarks is a list to compare with, not a basket; choose one of its symbols."
        )
    rule = make_rule(
        target,
        Condition(options["condition"]),
        options.get("levels"),
        options.get("window"),
        request.services.settings.alerts,
        basket=target in names.baskets,
    )
    return rule, names


async def tested(connection: AsyncConnection, request: Request, rule: Rule) -> Backtest:
    """What the rule would have told over the last two years of closes."""
    board = await load_board(connection, [rule.target], ["max", rule.measure], request.now)
    days = board.final(rule.target).days
    since = two_years(days[-1]) if days else None
    return backtest(board, rule, request.services.settings.alerts.rearm_closes, since)


async def add(request: Request) -> Card:
    """Tell this channel when a condition is met."""
    settings, options = request.services.settings.alerts, request.options
    symbol = str(options["target"]).strip().upper()
    if is_symbol(symbol):
        await begin(request.services, symbol, request.now)
    expires: timedelta | None = options.get("expires")
    repeat: timedelta | None = options.get("repeat")

    async def work(connection: AsyncConnection) -> tuple[int, Rule, Known, Backtest]:
        rule, names = await asked_rule(connection, request)
        receiver = await receivers.receiver_of(
            connection,
            request.receiver.surface,
            request.receiver.address,
            request.receiver.title,
            request.now,
        )
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
            mention=options.get("mention"),
        )
        return number, rule, names, await tested(connection, request, rule)

    number, rule, names, found = await request.services.database.write(work)
    fired = [(f.day, f.level, f.value) for f in found.fired]
    return Card(
        title=f"Alert {number}: {rule_text(rule, _label(rule.target, names))}",
        text="\n".join(
            [
                _again(rule, settings.rearm_closes, settings.rearm_percent),
                history_text(fired, found.first, found.last, rule.condition),
                f"What holds already today is not told. Undo with /alert remove {number}.",
            ]
        ),
        facts={
            "number": number,
            "target": rule.target,
            "condition": rule.condition.value,
            "window": rule.measure,
            "levels": [value / PPM for value in rule.levels],
            "fired": len(fired),
        },
    )


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
        return "Told once, and again only after it has been 5 points below."
    return "Told once, and again only after a close 2% back from it."


async def list_rules(request: Request) -> Card:
    """What this channel is told about."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        found = await of_channel(connection, request)
    if not found:
        return Card(
            title="This channel has no alerts",
            text="Add one with /alert add, such as /alert add NVDA levels=10,20.",
            facts={"alerts": []},
        )
    return Card(
        title=f"This channel has {count(len(found), 'alert')}",
        table=Table(
            columns=("number", "what", "how"),
            rows=tuple((str(s.id), described(s, names), _how(s)) for s in found),
        ),
        text="Remove one with /alert remove NUMBER.",
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
                }
                for s in found
            ]
        },
    )


async def remove(request: Request) -> Card:
    """Stop telling this channel."""
    number = request.options["number"]

    async def work(connection: AsyncConnection) -> tuple[Subscription, Known]:
        found = await of_channel(connection, request)
        chosen = next((item for item in found if item.id == number), None)
        if chosen is None:
            numbers = listing([str(item.id) for item in found]) or "none"
            raise UserError(f"This channel has no alert {number}; its alerts are: {numbers}.")
        await receivers.remove_subscription(connection, chosen.id)
        await stories.close_unfollowed(connection, chosen.receiver_id, request.now)
        return chosen, await known(connection, request)

    chosen, names = await request.services.database.write(work)
    return Card(
        title=f"Alert {number} ({described(chosen, names)}) is removed", facts={"number": number}
    )


async def test_rule(request: Request) -> Card:
    """What a rule would have told, with a chart of when."""
    from bot.cycle.compose import chart_of

    async with request.services.database.read() as connection:
        rule, names = await asked_rule(connection, request)
        found = await tested(connection, request, rule)
        board = await load_board(connection, [rule.target], ["2y"], request.now)
    fired = [(f.day, f.level, f.value) for f in found.fired]
    label = _label(rule.target, names)
    drawdown = rule.condition is Condition.DRAWDOWN
    levels = [level / PPM for level in rule.levels] if drawdown else []
    chart = chart_of(board, rule.target, "2y", levels, names.unit(rule.target))
    if chart is not None:
        chart = replace(chart, marks=tuple(f.day for f in found.fired))
    times = {0: "never", 1: "once"}.get(len(fired), f"{len(fired)} times")
    sources = sorted({board.sources[s] for s in board.symbols(rule.target) if s in board.sources})
    return Card(
        title=f"{rule_title(rule, label)}: {times} in two years",
        text=history_text(fired, found.first, found.last, rule.condition)
        + f"\n{intraday_note(rule.condition)}",
        chart=chart,
        footer=f"{' and '.join(sources)}, as of {day(found.last)}" if found.last else "",
        facts={
            "target": rule.target,
            "condition": rule.condition.value,
            "window": rule.measure,
            "levels": [level / PPM for level in rule.levels],
            "fired": len(fired),
            "dates": [f.day.isoformat() for f in found.fired],
            "from": found.first and found.first.isoformat(),
            "to": found.last and found.last.isoformat(),
            "sessions": found.sessions,
        },
    )


async def of_channel(connection: AsyncConnection, request: Request) -> list[Subscription]:
    """What this channel is subscribed to."""
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    return [] if receiver is None else await receivers.subscriptions(connection, receiver.id)


def _label(target: str, names: Known) -> str:
    return names.baskets[target].name if target in names.baskets else target


def described(item: Subscription, names: Known) -> str:
    """What a subscription tells of."""
    if item.kind == "digest":
        every = "weekly" if item.filters["every"] == "week" else "daily"
        return f"a {every} digest of {item.filters['basket']}"
    if item.rule is None:
        return "new models of frontier labs"
    text = rule_text(item.rule, _label(item.rule.target, names))
    return text + (", and each member too" if item.members else "")


def _how(item: Subscription) -> str:
    parts = []
    if item.rule is not None and item.rule.condition is Condition.DRAWDOWN:
        parts.append(f"peak of {item.rule.measure}")
    if item.once:
        parts.append("once")
    if item.repeat_minutes:
        parts.append(f"again every {item.repeat_minutes // 60}h")
    if item.expires_at is not None:
        parts.append(f"until {moment(item.expires_at)}")
    if item.mention:
        parts.append(f"mentions {item.mention}")
    return ", ".join(parts)
