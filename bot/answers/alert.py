"""/alert: rules on the market that this channel is told about."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.targets import Known, find_target, known
from bot.cards.drawdown import window_text
from bot.cycle.watch import subscribe
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.card import Card, Table
from bot.model.rule import PPM, Rule
from bot.model.wording import count, level, listing
from bot.services import Request
from storage import receivers, stories
from storage.receivers import Subscription

MOST_LEVELS = 10


async def add(request: Request) -> Card:
    """Tell this channel when a target falls to a level."""
    settings, options = request.services.settings.alerts, request.options
    fractions = options.get("levels") or [percent / 100 for percent in settings.levels_percent]
    if len(fractions) > MOST_LEVELS:
        raise UserError(f"An alert has at most {MOST_LEVELS} levels; this has {len(fractions)}.")
    window = options.get("window") or settings.window

    async def work(connection: AsyncConnection) -> tuple[int, Rule, Known]:
        names = await known(connection, request)
        target = find_target(options["target"], names, request.receiver.owner)
        if target == REFERENCE:
            raise UserError(
                "benchmarks is a list to compare with, not a basket; choose one of its symbols."
            )
        rule = Rule(
            target,
            window,
            tuple(round(fraction * PPM) for fraction in fractions),
            round(settings.rearm_percent * PPM / 100),
        )
        receiver = await receivers.receiver_of(
            connection,
            request.receiver.surface,
            request.receiver.address,
            request.receiver.title,
            request.now,
        )
        for existing in await receivers.subscriptions(connection, receiver.id):
            if existing.rule == rule:
                raise UserError(f"This channel has that alert already, as number {existing.id}.")
        number = await subscribe(
            connection,
            receiver.id,
            rule,
            request.now,
            settings.rearm_closes,
            members=bool(options.get("members")),
        )
        return number, rule, names

    number, rule, names = await request.services.database.write(work)
    label = _label(rule.target, names)
    return Card(
        title=f"Alert {number}: {label} falls by {_levels(rule)}",
        text=(
            f"Measured from the highest close of {window_text(rule.measure)}. A level that has "
            f"been told re-arms after {count(settings.rearm_closes, 'close')} at least "
            f"{settings.rearm_percent:g} points above it, or at a new peak.\n"
            f"Levels already crossed today are not told. Undo with /alert remove {number}."
        ),
        facts={
            "number": number,
            "target": rule.target,
            "window": rule.measure,
            "levels": [value / PPM for value in rule.levels],
        },
    )


async def list_rules(request: Request) -> Card:
    """What this channel is told about."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        found = await _subscriptions(connection, request)
    if not found:
        return Card(
            title="This channel has no alerts",
            text="Add one with /alert add, such as /alert add NVDA levels=10,20.",
            facts={"alerts": []},
        )
    return Card(
        title=f"This channel has {count(len(found), 'alert')}",
        table=Table(
            columns=("number", "what", "levels", "window"),
            rows=tuple(_row(item, names) for item in found),
        ),
        text="Remove one with /alert remove NUMBER.",
        facts={
            "alerts": [
                {
                    "number": s.id,
                    "kind": s.kind,
                    "target": s.rule.target if s.rule else None,
                    "levels": [v / PPM for v in s.rule.levels] if s.rule else None,
                    "window": s.rule.measure if s.rule else None,
                    "members": s.members,
                }
                for s in found
            ]
        },
    )


async def remove(request: Request) -> Card:
    """Stop telling this channel."""
    number = request.options["number"]

    async def work(connection: AsyncConnection) -> tuple[Subscription, Known]:
        found = await _subscriptions(connection, request)
        chosen = next((item for item in found if item.id == number), None)
        if chosen is None:
            numbers = listing([str(item.id) for item in found]) or "none"
            raise UserError(f"This channel has no alert {number}; its alerts are: {numbers}.")
        await receivers.remove_subscription(connection, chosen.id)
        await stories.close_unfollowed(connection, chosen.receiver_id, request.now)
        return chosen, await known(connection, request)

    chosen, names = await request.services.database.write(work)
    what = _row(chosen, names)[1]
    return Card(title=f"Alert {number} ({what}) is removed", facts={"number": number})


async def _subscriptions(connection: AsyncConnection, request: Request) -> list[Subscription]:
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    return [] if receiver is None else await receivers.subscriptions(connection, receiver.id)


def _label(target: str, names: Known) -> str:
    return names.baskets[target].name if target in names.baskets else target


def _levels(rule: Rule) -> str:
    return listing([level(value / PPM) for value in rule.levels], "or")


def _row(item: Subscription, names: Known) -> tuple[str, ...]:
    if item.rule is None:
        return (str(item.id), "new models of frontier labs", "", "")
    what = f"{_label(item.rule.target, names)} falls"
    if item.members:
        what += ", and each member"
    levels = ", ".join(level(value / PPM) for value in item.rule.levels)
    return (str(item.id), what, levels, item.rule.measure)
