"""/impact: what prices did after a release beyond the market, and how unusual that was."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.answers.impact_event import Event, find_event, is_event, sorted_out
from bot.answers.impact_history import base_rates, history
from bot.answers.impact_study import (
    BENCHMARK,
    GROUPS,
    Prices,
    happened,
    lacking,
    out_of_reach,
    scoreboard,
    studied,
)
from bot.answers.targets import Known, age_text, find_target, is_known, known
from bot.cards.impact import Around, Group, overview_card, target_card
from bot.cards.impact_words import Asked
from bot.cycle.board import Board
from bot.cycle.load import load_board
from bot.errors import UserError
from bot.market.cross_section import FEWEST, cross_section
from bot.market.shipped import REFERENCE
from bot.model.bar import MarketEvent
from bot.model.card import Card
from bot.model.release import Release
from bot.model.study import CrossSection, Study, TooLittleError
from bot.model.wording import day
from bot.services import Request
from storage import releases
from storage.earnings import earnings

OVERVIEW = ("ai", *GROUPS)
# So many days hold the sessions that a model is estimated on.
A_YEAR = 366
_Window = tuple[int, int]


@dataclass(frozen=True)
class _Read:
    """What was read for one answer."""

    request: Request
    names: Known
    past: Sequence[Release]
    board: Board
    dated: Sequence[MarketEvent]  # every day of earnings that is known
    window: _Window

    @cached_property
    def prices(self) -> Prices:
        """The board as returns."""
        return Prices.of(self.board)


async def impact(request: Request) -> Card:
    """The study of one event, or past releases ranked by the reaction to them."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
        past = await releases.releases(connection, request.now)
        words = sorted_out(
            request.options,
            lambda text: is_known(text, names, request.receiver.owner),
            lambda text: is_event(text, past, request),
        )
        target = None if words.target is None else _target(words.target, names, request)
        event = None
        if words.event is not None and not words.history:
            event = find_event(words.event, past, request)
        groups = [name for name in OVERVIEW if name in names.baskets]
        targets = [*groups, *([] if target is None else [target])]
        board = await load_board(
            connection, targets, ["max"], request.now, baskets=names.baskets, daily=True
        )
        dated: list[MarketEvent] = []
        if event is not None:
            symbols = {symbol for one in targets for symbol in board.symbols(one)}
            if target is not None:
                symbols = set(board.symbols(target))
            dated = await earnings(
                connection, sorted(symbols), date.min, request.now.date(), request.now
            )
    read = _Read(request, names, past, board, dated, words.window)
    # Hundreds of fits: half a second in which others would wait.
    return await asyncio.to_thread(_answer, read, event, target, groups)


def _answer(read: _Read, event: Event | None, target: str | None, groups: Sequence[str]) -> Card:
    request, prices = read.request, read.prices
    if event is None:
        what = target or OVERVIEW[0]
        return history(prices, what, read.names.label(what), read.past, read.window, request)
    if late := out_of_reach(prices.pair(BENCHMARK), event.day, request.now):
        raise UserError(late)
    found = [_group(read, name, event) for name in groups]
    return _overview(read, event, found) if target is None else _one(read, event, target, found)


def _target(text: str, names: Known, request: Request) -> str:
    target = find_target(text, names, request.receiver.owner)
    if target == REFERENCE:
        raise UserError(f"{REFERENCE} is a list to compare with; choose one of its symbols.")
    if target == BENCHMARK:
        raise UserError(f"{BENCHMARK} is what others are measured against; choose another target.")
    return target


def _group(read: _Read, name: str, event: Event) -> Group:
    pair = read.prices.pair(name)
    title, board = read.names.label(name), scoreboard(pair, event.day)
    try:
        one = studied(pair, event.day, read.window)
    except TooLittleError as error:
        return Group(name, title, board, missing=str(error))
    return Group(name, title, board, one)


def _overview(read: _Read, event: Event, groups: Sequence[Group]) -> Card:
    ones = [group.study for group in groups if group.study is not None]
    if not ones:
        raise UserError(groups[0].missing if groups else "There is no basket to look at.")
    symbols = {symbol for group in groups for symbol in read.prices.board.symbols(group.name)}
    return overview_card(
        _asked(read, event), _around(read, event, ones[0], sorted(symbols), groups)
    )


def _one(read: _Read, event: Event, target: str, groups: Sequence[Group]) -> Card:
    prices, title = read.prices, read.names.label(target)
    pair, members = prices.pair(target), prices.board.symbols(target)
    try:
        one = studied(pair, event.day, read.window)
    except TooLittleError as error:
        raise UserError(f"{error}{_begins(prices, target, event)}") from None
    basket = target in prices.board.baskets
    cross: CrossSection | None = None
    missing = lacking(prices, one, members) if basket else []
    if basket and len(members) >= FEWEST:
        try:
            cross = cross_section([prices.pair(m) for m in members], event.day, read.window)
        except TooLittleError as error:
            missing.append(str(error))
    shown = [group for group in groups if group.name in GROUPS]
    around = _around(read, event, one, sorted(members), shown)
    return target_card(_asked(read, event), title, one, around, cross=cross, lacking=missing)


def _begins(prices: Prices, target: str, event: Event) -> str:
    """Since when a symbol has closes, where that is too late for a model before the event."""
    days = prices.board.final(target).days
    if not days:
        return f" There are no closes of {target}."
    short = days[0] > prices.sessions[0] and (event.day - days[0]).days < A_YEAR
    return f" Its closes begin on {day(days[0])}." if short else ""


def _asked(read: _Read, event: Event) -> Asked:
    released = event.release is not None
    return Asked(event.name, event.day, released, read.window, event.others)


def _around(
    read: _Read, event: Event, one: Study, symbols: Sequence[str], groups: Sequence[Group]
) -> Around:
    prices, request = read.prices, read.request
    days = prices.around(one)
    pair, own = prices.pair(one.target), event.release
    return Around(
        happened(
            one,
            pair,
            own,
            read.past,
            request.services.releases.labs,
            [each for each in read.dated if one.event <= each.day <= one.last.day],
        ),
        prices.closes_of([*symbols, BENCHMARK], days),
        prices.sources([*symbols, BENCHMARK]),
        days[0] if days[0] < one.days[0].day else None,
        groups,
        []
        if own is None
        else base_rates(pair, read.names.label(one.target), one, own, read.past, request),
        bool(read.dated),
        age_text(request.now, one.last.day) if not one.whole else "",
    )
