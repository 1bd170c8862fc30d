"""From what people ask for to a rule, with the units that it is stored in."""

from collections.abc import Sequence

from bot.config import AlertSettings
from bot.errors import UserError
from bot.model.rule import PPM, Condition, Rule

MOST_LEVELS = 10
# Back inside by this share of the threshold before it is told again.
BAND = 0.02
_PERCENT = (Condition.DRAWDOWN, Condition.MOVE, Condition.CROWDING, Condition.VOLATILITY)
_DEFAULTS = {Condition.MOVE: (5.0,), Condition.CROWDING: (95.0,), Condition.VOLATILITY: (95.0,)}
_BASKETS = (Condition.CROWDING,)
_SYMBOLS = (Condition.ABOVE, Condition.BELOW, Condition.PE_ABOVE, Condition.PE_BELOW)


def make_rule(
    target: str,
    condition: Condition,
    figures: Sequence[float] | None,
    window: str | None,
    settings: AlertSettings,
    *,
    basket: bool,
) -> Rule:
    """The rule that was asked for; `figures` as people type them (10 for 10%, 150 for a price).

    Raises UserError with one sentence that says what to do.
    """
    if condition in _BASKETS and not basket:
        raise UserError("crowding is about a basket; name one, such as ai.")
    if condition in _SYMBOLS and basket:
        raise UserError(f"{condition.value} is about one symbol; name one, such as NVDA.")
    if condition in (Condition.HIGH, Condition.LOW):
        if figures:
            raise UserError(f"{condition.value} takes no levels: it is a new 52-week one.")
        return Rule(target, condition.value, (1,), round(BAND * PPM), condition)
    given = sorted(set(figures or _DEFAULTS.get(condition) or ()))
    if condition is Condition.DRAWDOWN and not given:
        given = list(settings.levels_percent)
    if not given:
        raise UserError(
            f"{condition.value} needs a figure, such as /alert add {target} {condition.value} 150"
        )
    if len(given) > MOST_LEVELS:
        raise UserError(f"An alert has at most {MOST_LEVELS} levels; this has {len(given)}.")
    if condition in _PERCENT:
        return _percent_rule(target, condition, given, window, settings)
    parts = [round(figure * PPM) for figure in given]
    band = round(parts[0] * BAND)
    if condition in (Condition.BELOW, Condition.PE_BELOW):
        parts = sorted(-part for part in parts)
    return Rule(target, condition.value, tuple(parts), band, condition)


def _percent_rule(
    target: str,
    condition: Condition,
    given: Sequence[float],
    window: str | None,
    settings: AlertSettings,
) -> Rule:
    for figure in given:
        if not 0 < figure < 100:
            raise UserError(
                f'"{figure:g}" is not a level; write percentages between 0 and 100, '
                "such as 5,10,20."
            )
    levels = tuple(round(figure * 10_000) for figure in given)
    if condition is Condition.DRAWDOWN:
        band = round(settings.rearm_percent * 10_000)
        return Rule(target, window or settings.window, levels, band, condition)
    return Rule(target, condition.value, levels, 50_000, condition)
