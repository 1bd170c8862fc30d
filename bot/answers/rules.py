"""From what people ask for to a rule, with the units that it is stored in."""

from collections.abc import Sequence

from bot.errors import UserError
from bot.market.crowd import FEWEST_MEMBERS
from bot.model.rule import PPM, Condition, Rule
from bot.sections import AlertSettings

MOST_LEVELS = 10
MOST_ALERTS = 100
# Back inside by this share of the threshold before it is told again.
BAND = 0.02
_PERCENT = (Condition.DRAWDOWN, Condition.MOVE, Condition.CROWDING, Condition.VOLATILITY)
_RANKS = (Condition.CROWDING, Condition.VOLATILITY)
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
    members: int | None,
) -> Rule:
    """The rule that was asked for; `figures` as people type them (10 for 10%, 150 for a price).

    `members` is how many a basket has, None for a symbol. Raises UserError with one sentence that
    says what to do.
    """
    _fits(target, condition, window, members)
    if condition in (Condition.HIGH, Condition.LOW):
        if figures:
            raise UserError(f"{condition.value} takes no levels: it is a new 52-week one.")
        return Rule(target, condition.value, (1,), round(BAND * PPM), condition)
    given = sorted({_signed(figure, target, condition) for figure in figures or ()})
    given = given or list(_DEFAULTS.get(condition, ()))
    if condition is Condition.DRAWDOWN and not given:
        given = list(settings.levels_percent)
    if not given:
        raise UserError(
            f"{condition.value} needs a figure, such as /alert add {target} {condition.value} "
            f"{_example(condition)}."
        )
    if len(given) > MOST_LEVELS:
        raise UserError(f"An alert has at most {MOST_LEVELS} levels; this has {len(given)}.")
    if condition in _PERCENT:
        return _percent_rule(target, condition, given, window, settings)
    parts = [round(figure * PPM) for figure in given]
    if 0 in parts:
        fine = next(f for f, part in zip(given, parts, strict=True) if not part)
        raise UserError(f'"{fine:g}" is too small a level; give one such as {_example(condition)}.')
    band = round(parts[0] * BAND)
    if condition in (Condition.BELOW, Condition.PE_BELOW):
        parts = sorted(-part for part in parts)
    return Rule(target, condition.value, tuple(parts), band, condition)


def _fits(target: str, condition: Condition, window: str | None, members: int | None) -> None:
    """Refuse what a condition cannot be about, or what would do nothing."""
    if condition in _BASKETS and members is None:
        raise UserError("crowding is about a basket; name one, such as ai.")
    if condition in _BASKETS and members is not None and members < FEWEST_MEMBERS:
        raise UserError(
            f"crowding needs a basket of at least three stocks; {target.partition('@')[0]} has "
            f"{members}."
        )
    if condition in _SYMBOLS and members is not None:
        raise UserError(f"{condition.value} is about one symbol; name one, such as NVDA.")
    if window is not None and condition is not Condition.DRAWDOWN:
        raise UserError(f"window is for a drawdown; leave it out with {condition.value}.")


def _signed(figure: float, target: str, condition: Condition) -> float:
    """The figure without its sign, which only a drawdown may have: −10% is how people say it."""
    if figure > 0 or condition is Condition.DRAWDOWN:
        return abs(figure)
    if condition is Condition.MOVE:
        raise UserError(f"move counts rises and falls alike; write {-figure:g} without the minus.")
    raise UserError(
        f"{condition.value} needs a figure above zero, such as /alert add {target} "
        f"{condition.value} {_example(condition)}."
    )


def _example(condition: Condition) -> str:
    if condition in (Condition.PE_ABOVE, Condition.PE_BELOW):
        return "40"
    return "150" if condition in _SYMBOLS else "95"


def _scale(condition: Condition) -> str:
    return "a percentile" if condition in _RANKS else "percentages"


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
                f'"{figure:g}" is not a level; write {_scale(condition)} between 0 and 100, '
                f"such as {'95' if condition in _RANKS else '5,10,20'}."
            )
    levels = tuple(round(figure * 10_000) for figure in given)
    for figure, level in zip(given, levels, strict=True):
        if not 0 < level < PPM:
            raise UserError(
                f'"{figure:.12g}" is too fine a level; write {_scale(condition)} from 0.0001 to '
                "99.9999."
            )
    if condition is Condition.DRAWDOWN:
        band = round(settings.rearm_percent * 10_000)
        return Rule(target, window or settings.window, levels, band, condition)
    return Rule(target, condition.value, levels, 50_000, condition)
