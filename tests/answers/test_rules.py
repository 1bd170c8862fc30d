"""What can be a rule: levels that come to nothing are refused in a sentence."""

import pytest

from bot.answers.rules import make_rule
from bot.errors import UserError
from bot.model.rule import Condition
from bot.sections import AlertSettings


@pytest.mark.parametrize(
    ("condition", "level", "says"),
    [
        (Condition.DRAWDOWN, 1e-9,
         '"1e-09" is too fine a level; write percentages from 0.0001 to 99.9999.'),
        (Condition.DRAWDOWN, 99.99999,
         '"99.99999" is too fine a level; write percentages from 0.0001 to 99.9999.'),
        (Condition.ABOVE, 1e-9, '"1e-09" is too small a level; give one such as 150.'),
        (Condition.BELOW, 1e-9, '"1e-09" is too small a level; give one such as 150.'),
        (Condition.PE_ABOVE, 1e-9, '"1e-09" is too small a level; give one such as 40.'),
    ],
)  # fmt: skip
def test_a_level_that_comes_to_nothing_is_refused(
    condition: Condition, level: float, says: str
) -> None:
    with pytest.raises(UserError) as error:
        make_rule("NVDA", condition, (level,), None, AlertSettings(), members=None)
    assert str(error.value) == says


def test_the_finest_levels_are_kept() -> None:
    rule = make_rule(
        "NVDA", Condition.DRAWDOWN, (0.0001, 99.9999), None, AlertSettings(), members=None
    )
    assert rule.levels == (1, 999_999)
