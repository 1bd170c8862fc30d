"""/alert test: what a rule would have told, with a chart of when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.figures import figure_on
from bot.answers.rules import make_rule
from bot.answers.targets import Known, find_target, is_known, known
from bot.cards.rules import Figure, history_text, intraday_note, tested_title
from bot.cycle.backtest import Backtest, backtest, two_years
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.card import Card
from bot.model.rule import PPM, Condition, Rule
from bot.model.symbol import is_symbol
from bot.model.wording import day
from bot.services import Request

# A history that begins this much later than asked is still "two years": holidays, week-ends.
ABOUT = timedelta(days=10)


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
        members=len(names.baskets[target].members) if target in names.baskets else None,
    )
    return rule, names


async def tested(
    connection: AsyncConnection, request: Request, rule: Rule
) -> tuple[Backtest, list[Figure], Board]:
    """What the rule would have told over the last two years of closes."""
    daily = rule.measure != "max"
    board = await load_board(
        connection, [rule.target], ["max", rule.measure], request.now, daily=daily
    )
    days = board.final(rule.target).days
    since = two_years(days[-1]) if days else None
    found = backtest(board, rule, request.services.settings.alerts.rearm_closes, since)
    figures = [figure_on(board, rule.target, rule.condition, f.day, f.value) for f in found.fired]
    pairs = zip(figures, found.fired, strict=True)
    return found, [replace(figure, level=fired.level) for figure, fired in pairs], board


async def test_rule(request: Request) -> Card:
    """What a rule would have told, with a chart of when."""
    from bot.cycle.compose import chart_of

    async with request.services.database.read() as connection:
        _watched(await known(connection, request), request)
        rule, names = await asked_rule(connection, request)
        found, figures, whole = await tested(connection, request, rule)
        board = await load_board(connection, [rule.target], ["2y"], request.now)
    drawdown = rule.condition is Condition.DRAWDOWN
    levels = [level / PPM for level in rule.levels] if drawdown else []
    chart = chart_of(board, rule.target, "2y", levels, names.unit(rule.target))
    if chart is not None:
        chart = replace(chart, marks=tuple(f.day for f in found.fired))
    days = whole.final(rule.target).days
    two = found.first is not None and found.first <= two_years(days[-1]) + ABOUT
    text = history_text(figures, found.first, found.last, rule.condition)
    if found.first is not None:
        text += f"\n{intraday_note(rule.condition)}"
    return Card(
        title=tested_title(
            rule,
            names.label(rule.target),
            len(figures),
            found.first,
            whole=two,
            plural=rule.target in names.baskets,
        ),
        text=text,
        chart=None if found.first is None else chart,
        footer=_footer(board, rule.target, days),
        facts={
            "target": rule.target,
            "condition": rule.condition.value,
            "window": rule.measure,
            "levels": [level / PPM for level in rule.levels],
            "fired": len(figures),
            "dates": [f.day.isoformat() for f in found.fired],
            "from": found.first and found.first.isoformat(),
            "to": found.last and found.last.isoformat(),
            "sessions": found.sessions,
        },
    )


def _watched(names: Known, request: Request) -> None:
    """Say what to do about a symbol of which there are no closes, because nobody watches it."""
    text = str(request.options["target"])
    symbol = text.strip().upper()
    can_be = request.services.quotes is not None and is_symbol(symbol)
    if can_be and not is_known(text, names, request.receiver.owner):
        raise UserError(
            f"{symbol} is not watched yet, so there are no closes to test on; /alert add {symbol} "
            f"{request.options['condition']} fetches them and says how often it would have fired."
        )


def _footer(board: Board, target: str, days: Sequence[date]) -> str:
    if not days:
        return ""
    sources = sorted({board.sources[s] for s in board.symbols(target) if s in board.sources})
    return f"{' and '.join(sources)}, as of {day(days[-1])}"
