"""Many channels with the same trouble are one finding: some by name, the rest counted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.doctor.finding import Finding, State, ok, unchecked
from bot.model.wording import count

NAMED = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one channel: its name, why, how to mend it."""

    channel: str
    why: str
    mend: str
    state: State = State.WRONG


def findings(
    area: str, troubles: Sequence[Trouble], checked: int, followed: int, *, told: str
) -> list[Finding]:
    """One finding of each sort of trouble, and how many channels are well.

    `told` says of them what is so: "the bot may post".
    """
    found = []
    if checked - len(troubles) > 0 or not followed:
        well = checked - len(troubles)
        text = (
            "no channel follows anything yet"
            if not followed
            else (
                f"{told} in {well:,} of {count(checked, 'channel')} that "
                f"{'follows' if checked == 1 else 'follow'} something"
            )
        )
        found.append(ok(area, "channels", text))
    sorts: dict[tuple[State, str, str], list[str]] = {}
    for one in troubles:
        sorts.setdefault((one.state, one.why, one.mend), []).append(one.channel)
    for (state, why, mend), channels in sorts.items():
        found.append(Finding(area, names(channels), state, why, mend))
    if checked < followed:
        found.append(
            unchecked(
                area, "channels", f"{followed - checked:,} of {followed:,} were not asked for"
            )
        )
    return found


def names(channels: Sequence[str]) -> str:
    """The first channels by name, the rest counted: "#a, #b and 3 more"."""
    text = ", ".join(channels[:NAMED])
    more = len(channels) - NAMED
    return f"{text} and {more:,} more" if more > 0 else text
