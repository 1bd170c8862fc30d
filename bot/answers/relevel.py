"""Other levels for an alert that is there: all else about it stays as it was."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.alert import described, of_channel
from bot.answers.rules import make_rule
from bot.answers.sharing import change
from bot.answers.targets import Known, known
from bot.cycle.watch import subscribe
from bot.errors import UserError
from bot.model.card import Card
from bot.model.rule import PPM, Condition, Rule
from bot.services import Request
from storage import controls, ended, receivers, stories
from storage.receivers import Subscription

_PERCENT = (Condition.DRAWDOWN, Condition.MOVE, Condition.CROWDING, Condition.VOLATILITY)
_NONE = (Condition.HIGH, Condition.LOW)


@dataclass(frozen=True, slots=True)
class Choice:
    """One subscription of a channel, as it can be chosen: its number and what it tells of.

    `levels` are as people type them ("5, 10, 20"); "" where it has none to change.
    """

    number: int
    what: str
    target: str = ""
    condition: str = ""
    levels: str = ""


async def choices(request: Request) -> list[Choice]:
    """All that this channel gets, in the order in which it was asked for."""
    async with request.services.database.read() as connection:
        found = await of_channel(connection, request)
        names = await known(connection, request)
    return [_choice(item, names) for item in found]


def _choice(item: Subscription, names: Known) -> Choice:
    what = described(item, names)
    if item.rule is None:
        return Choice(item.id, what)
    rule = item.rule
    return Choice(item.id, what, rule.target, rule.condition.value, levels_text(rule))


def levels_text(rule: Rule) -> str:
    """A rule's levels as people type them: "5, 10, 20" for percentages, "150" for a price."""
    if rule.condition in _NONE:
        return ""
    scale = PPM / 100 if rule.condition in _PERCENT else PPM
    figures = sorted(abs(level) / scale for level in rule.levels)
    return ", ".join(f"{figure:.6f}".rstrip("0").rstrip(".") for figure in figures)


async def relevel(request: Request, number: int) -> Card:
    """Give alert `number` the levels in the options of /alert add.

    It gets a new number, since numbers never mean something else; silences of it stay, and what
    is held back of it is told all the same. Raises UserError where the alert is gone, the levels
    will not do, or another alert has them.
    """
    alerts = request.services.settings.alerts

    async def work(connection: AsyncConnection) -> tuple[Subscription, Known]:
        found = await of_channel(connection, request)
        old = next((item for item in found if item.id == number), None)
        if old is None or old.rule is None:
            raise UserError(f"This channel has no alert {number} any more; /channel shows all.")
        names = await known(connection, request)
        target, condition = old.rule.target, old.rule.condition
        made = make_rule(
            target,
            condition,
            request.options.get("levels"),
            old.rule.measure if condition is Condition.DRAWDOWN else None,
            alerts,
            members=len(names.baskets[target].members) if target in names.baskets else None,
        )
        same = next((item for item in found if item.rule == made), None)
        if same is not None:
            raise UserError(f"This channel has that alert already, as number {same.id}.")
        new = await subscribe(
            connection,
            old.receiver_id,
            made,
            request.now,
            alerts.rearm_closes,
            members=old.members,
            expires_at=old.expires_at,
            once=old.once,
            repeat_minutes=old.repeat_minutes,
            mention=old.mention,
            since=old.created_at,
        )
        await controls.rename_silences(connection, f"rule:{old.id}", f"rule:{new}")
        await ended.remove_subscription(connection, old.id)
        await stories.close_unfollowed(connection, old.receiver_id, request.now)
        return await receivers.subscription_of(connection, new), names

    added, names = await change(request, work)
    return Card(
        title=f"Alert {number} is now alert {added.id}: {described(added, names)}",
        text="What holds already today is not told.",
        facts={"number": added.id, "was": number},
    )
