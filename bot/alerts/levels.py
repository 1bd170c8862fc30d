"""Does this reading fire or re-arm a level? Pure.

A level fires once when the value reaches it. A drawdown's re-arms after a number of consecutive
closes at least `band` shallower than the level, or at a new closing peak. Once the peak that it
fired under has left the window there is no recovery to speak of: it re-arms silently. Other
levels re-arm at the first close that is back inside by `band`; a daily move at the next session.
"""

from dataclasses import replace

from bot.model.level import Change, LevelState, Reading
from bot.model.rule import Policy


def step(state: LevelState, reading: Reading, closes_needed: int) -> tuple[LevelState, Change]:
    """The level after `reading`, and what the reading did to it."""
    if state.armed:
        if reading.value > -state.level:
            return state, Change.NONE
        fired = replace(state, armed=False, closes=0, counted_on=None, peak_day=reading.peak_day)
        return fired, Change.FIRED
    if state.policy is Policy.DAILY:
        return _next_session(state, reading)
    if not reading.final or (state.counted_on is not None and reading.day <= state.counted_on):
        return state, Change.NONE
    if reading.value < state.rearm_depth:
        if not state.closes:
            return state, Change.NONE
        return replace(state, closes=0, counted_on=reading.day), Change.RESET
    if state.policy is Policy.BAND:
        return _rearmed(state), Change.RECOVERED_BAND
    if state.peak_day is not None and state.peak_day < reading.first_day:
        return _rearmed(state), Change.REARMED_SILENTLY
    if reading.peak_day == reading.day:
        return _rearmed(state), Change.RECOVERED_PEAK
    if state.closes + 1 >= closes_needed:
        return _rearmed(state), Change.RECOVERED_CLOSES
    return replace(state, closes=state.closes + 1, counted_on=reading.day), Change.COUNTED


def _rearmed(state: LevelState) -> LevelState:
    return replace(state, armed=True, closes=0, counted_on=None, peak_day=None)


def _next_session(state: LevelState, reading: Reading) -> tuple[LevelState, Change]:
    """A daily move that has fired: nothing more that day, a new chance on the next."""
    if state.peak_day is not None and reading.day <= state.peak_day:
        return state, Change.NONE
    if reading.value <= -state.level:
        return replace(state, peak_day=reading.day), Change.FIRED
    return replace(state, armed=True, peak_day=None), Change.REARMED_DAILY


def fold(
    levels: tuple[tuple[int, int], ...],
    readings: list[Reading],
    closes_needed: int,
    policy: Policy = Policy.PEAK,
) -> list[tuple[LevelState, list[tuple[Reading, Change]]]]:
    """Every (level, band) stepped through `readings`: its last state and its changes.

    This seeds a newly watched target without posting its past.
    """
    outcome = []
    for level, band in levels:
        state = LevelState(level, band, policy=policy)
        changes: list[tuple[Reading, Change]] = []
        for reading in readings:
            state, change = step(state, reading, closes_needed)
            if change not in (Change.NONE, Change.COUNTED, Change.RESET):
                changes.append((reading, change))
        outcome.append((state, changes))
    return outcome
