"""After a split, or in another unit: figures that people gave in the old price are kept true."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.market.calendar import exchange_of, session_close
from bot.model.bar import Split
from bot.model.rule import Condition, Rule
from storage import levels, trust
from storage.rescale import change_rule, move_levels, rules_on
from storage.trust import Decision

PRICED = (Condition.ABOVE, Condition.BELOW)


async def rescale(connection: AsyncConnection, splits: Sequence[Split], now: datetime) -> None:
    """Move the levels of rules on a price along with splits that nobody knew of before.

    "NVDA below 95" becomes 9.50 at a 10:1 split. Only a split later than what the rule was last
    judged on moves it, and none whose session was over when the rule was made: an older one was in
    the price by then.
    """
    for split in sorted(splits, key=lambda one: (one.symbol, one.day)):
        closed = session_close(exchange_of(split.symbol), split.day)
        for number, rule in await rules_on(connection, split.symbol, PRICED, closed):
            judged = await levels.judged_day(connection, rule.key)
            if judged is None or judged >= split.day:
                continue
            factor = Fraction(split.denominator, split.numerator)
            why = f"a {split.numerator}:{split.denominator} split"
            await _move(connection, number, rule, factor, why, now)


async def rescale_unit(
    connection: AsyncConnection, symbol: str, factor: Fraction, now: datetime
) -> None:
    """Move the levels of rules on a price along with a symbol that is quoted in another unit now,
    pounds for pence: `factor` new ones per old one.
    """
    for number, rule in await rules_on(connection, symbol, PRICED):
        await _move(connection, number, rule, factor, "another unit of the price", now)


async def _move(
    connection: AsyncConnection, number: int, rule: Rule, factor: Fraction, why: str, now: datetime
) -> None:
    moved = rescaled(rule, factor)
    await move_levels(
        connection, rule, dict(zip(rule.levels, moved.levels, strict=True)), moved.band
    )
    await change_rule(connection, number, moved)
    told = f"{why}: the levels moved along with the price"
    await trust.record(connection, [Decision(now, None, rule.target, "rule", told)])


def rescaled(rule: Rule, factor: Fraction) -> Rule:
    """The rule with its levels, in millionths, and its band multiplied by `factor`."""
    return Rule(
        rule.target,
        rule.measure,
        tuple(round(level * factor) for level in rule.levels),
        round(rule.band * factor),
        rule.condition,
    )
