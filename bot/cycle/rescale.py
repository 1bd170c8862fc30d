"""After a split: figures that people gave in the old shares' price are kept true."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.bar import Split
from bot.model.rule import Condition, Rule
from storage import levels, trust
from storage.rescale import change_rule, move_levels, rules_on
from storage.trust import Decision

PRICED = (Condition.ABOVE, Condition.BELOW)


async def rescale(connection: AsyncConnection, splits: Sequence[Split], now: datetime) -> None:
    """Move the levels of rules on a price along with splits that nobody knew of before.

    "NVDA below 95" becomes 9.50 at a 10:1 split. Only a split later than what the rule was last
    judged on moves it: an older one was in the price when the rule was made.
    """
    for split in sorted(splits, key=lambda one: (one.symbol, one.day)):
        for number, rule in await rules_on(connection, split.symbol, PRICED):
            judged = await levels.judged_day(connection, rule.key)
            if judged is None or judged >= split.day:
                continue
            factor = Fraction(split.denominator, split.numerator)
            moved = rescaled(rule, factor)
            await move_levels(
                connection, rule, dict(zip(rule.levels, moved.levels, strict=True)), moved.band
            )
            await change_rule(connection, number, moved)
            ratio = f"{split.numerator}:{split.denominator}"
            why = f"a {ratio} split: the levels moved along with the price"
            await trust.record(connection, [Decision(now, None, split.symbol, "rule", why)])


def rescaled(rule: Rule, factor: Fraction) -> Rule:
    """The rule with its levels, in millionths, and its band multiplied by `factor`."""
    return Rule(
        rule.target,
        rule.measure,
        tuple(round(level * factor) for level in rule.levels),
        round(rule.band * factor),
        rule.condition,
    )
