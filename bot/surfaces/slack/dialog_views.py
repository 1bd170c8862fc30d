"""The dialogs "Add an alert" and "Add a subscription", and what they turn into. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.model.basket import Lab
from bot.surfaces.slack import names
from bot.surfaces.slack.dialog_parts import (
    Block,
    channel_entry,
    chosen,
    entry,
    modal,
    plain,
    ticked,
    typed,
)

ALERT, SUBSCRIPTION = "Add an alert", "Add a subscription"
# The option of the subscription's dialog that no command has: which of two commands it is.
KIND = "kind"
KIND_ACTION = "aftershock:subscription-kind"
RELEASES, PRICES, DIGEST = "releases", "prices", "digest"
FRONTIER = "frontier"
# A list holds a hundred, the first of which stands for all frontier labs.
MOST_LABS = 99

DRAWDOWN = "drawdown"
CONDITIONS: Mapping[str, str] = {
    DRAWDOWN: "falls below its peak",
    "move": "moves on one day, up or down",
    "above": "is above a price",
    "below": "is below a price",
    "high": "makes a new 52-week high",
    "low": "makes a new 52-week low",
    "pe-above": "costs more than so many times its forward earnings",
    "pe-below": "costs less than so many times its forward earnings",
    "crowding": "is a basket whose stocks move as one",
    "volatility": "swings more than usual",
}
_PERCENTS = {"10": "10% or more", "5": "5% or more", "20": "20% or more", "50": "50% or more"}
# What stands for an option that is not given.
NEVER, USUAL = "never", "usual"
_WINDOWS = {
    USUAL: "the usual time",
    "1m": "a month",
    "3m": "3 months",
    "6m": "6 months",
    "1y": "a year",
    "2y": "2 years",
    "3y": "3 years",
    "5y": "5 years",
    "max": "all there is",
}
_REPEATS = {NEVER: "no", "1h": "every hour", "6h": "every 6 hours", "1d": "every day"}
_EXPIRES = {NEVER: "never", "1d": "after a day", "7d": "after a week", "30d": "after 30 days"}
# A dialog cannot offer user groups, unless the bot may list all of them.
_MENTION = (
    "An alert can mention a user group too: type /aftershock alert add with mention= and the group."
)
_EVERY = {"day": "every day", "week": "every week"}
_WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dialog was opened: its channel, and the person's own conversation with the bot.

    Both are ids as Slack gave them; "" where that is not known. It goes with the dialog.
    """

    channel: str = ""
    dm: str = ""

    def text(self) -> str:
        """As a dialog carries it."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Origin":
        """What a dialog carried; nothing is known where that cannot be read."""
        try:
            found = json.loads(text or "{}")
        except ValueError:
            return cls()
        return cls(str(found.get("channel", "")), str(found.get("dm", "")))


def alert_view(
    origin: Origin, filled: Mapping[str, str] | None = None, problem: str = ""
) -> dict[str, Any]:
    """Asks for an alert; `problem` is one sentence on what was wrong with what was entered."""
    filled = filled or {}
    blocks = [
        *_problem(problem),
        channel_entry(filled.get("channel") or origin.channel),
        entry(
            "target",
            "Symbol or basket",
            typed("NVDA, ai", filled.get("target"), most=100),
            hint="A symbol as Yahoo writes it, or a basket such as ai; "
            "/aftershock basket list shows the baskets.",
        ),
        entry("condition", "Tell when it", chosen(CONDITIONS, filled.get("condition"))),
        entry(
            "levels",
            "Levels",
            typed("5,10,20", filled.get("levels")),
            hint="Percentages such as 5,10,20 for a fall or a move; a price such as 150; or how "
            "many times its earnings, such as 40. Left empty, the usual ones where there are any.",
            optional=True,
        ),
        entry(
            "window",
            "Peak of",
            chosen(_WINDOWS, filled.get("window")),
            hint="How far back the highest close may be. Counts only for a fall below the peak.",
        ),
        entry(
            "how",
            "How",
            ticked(
                {
                    "once": "Only once; then remove the alert",
                    "members": "Each stock of a basket on its own too",
                },
                filled,
            ),
            optional=True,
        ),
        entry("repeat", "Tell again while it lasts", chosen(_REPEATS, filled.get("repeat"))),
        entry("expires", "Ends", chosen(_EXPIRES, filled.get("expires"))),
        {"type": "context", "elements": [plain(_MENTION)]},
    ]
    return modal(ALERT, blocks, callback=names.ALERT_DIALOG, metadata=origin.text(), submit="Add")


def subscription_view(
    origin: Origin,
    labs: Mapping[str, Lab],
    filled: Mapping[str, str] | None = None,
    problem: str = "",
) -> dict[str, Any]:
    """Asks for a subscription: to new models, to what they cost, or to a digest, as `filled` has
    it.
    """
    filled = filled or {}
    kinds = {
        RELEASES: "New models as they come",
        PRICES: "Token prices that change",
        DIGEST: "A digest at a time of the day",
    }
    kind = chosen(kinds, filled.get(KIND), kind="radio_buttons")
    if filled.get(KIND) == DIGEST:
        rest = _digest(filled)
    else:
        rest = _prices(labs, filled) if filled.get(KIND) == PRICES else _releases(labs, filled)
    blocks = [
        *_problem(problem),
        channel_entry(filled.get("channel") or origin.channel),
        # Choosing the other kind asks for other things.
        {**entry(KIND, "What", {**kind, "action_id": KIND_ACTION}), "dispatch_action": True},
        *rest,
    ]
    return modal(
        SUBSCRIPTION,
        blocks,
        callback=names.SUBSCRIPTION_DIALOG,
        metadata=origin.text(),
        submit="Add",
    )


def _lab(labs: Mapping[str, Lab], filled: Mapping[str, str], command: str) -> Block:
    ordered = sorted(labs.items(), key=lambda item: (not item[1].frontier, item[1].name.lower()))
    options = {FRONTIER: "all labs at the frontier: their language models"}
    options |= {key: lab.name for key, lab in ordered[:MOST_LABS]}
    left = len(ordered) - MOST_LABS
    hint = f"Not listed: {left} more; type /aftershock subscribe {command} and the name."
    return entry("labs", "Lab", chosen(options, filled.get("labs")), hint=hint if left > 0 else "")


def _prices(labs: Mapping[str, Lab], filled: Mapping[str, str]) -> list[Block]:
    return [
        _lab(labs, filled, "prices labs="),
        entry(
            "percent",
            "Cuts and rises of",
            chosen(_PERCENTS, filled.get("percent")),
            hint="A new cheapest model, and a new one far below the others, are told too. For "
            "single models type /aftershock subscribe prices models= and their names.",
        ),
    ]


def _releases(labs: Mapping[str, Lab], filled: Mapping[str, str]) -> list[Block]:
    return [
        _lab(labs, filled, "releases"),
        entry(
            "which",
            "Which",
            ticked(
                {"open_only": "Only models with open weights", "rumours": "Rumours too"}, filled
            ),
            optional=True,
        ),
    ]


def _digest(filled: Mapping[str, str]) -> list[Block]:
    return [
        entry(
            "basket",
            "Basket",
            typed("ai", filled.get("basket", "ai"), most=100),
            hint="Whose table it shows; /aftershock basket list shows the baskets.",
        ),
        entry("every", "How often", chosen(_EVERY, filled.get("every"))),
        entry(
            "weekday",
            "Day",
            chosen(_WEEKDAYS, filled.get("weekday")),
            hint="Counts only for a weekly one.",
        ),
        entry(
            "at",
            "Time",
            {"type": "timepicker", "initial_time": filled.get("at", "08:00")},
            hint="In the channel's time zone, which /aftershock channel shows and changes.",
        ),
    ]


def waiting_view(title: str) -> dict[str, Any]:
    """Shown while something takes longer than Slack waits."""
    return said_view(title, "It is being added. This can be closed; it is added all the same.")


def said_view(title: str, sentence: str) -> dict[str, Any]:
    """A dialog that only says one sentence."""
    return modal(title, [{"type": "section", "text": plain(sentence)}])


def done_view(blocks: Sequence[Block]) -> dict[str, Any]:
    """What a dialog turns into once it is answered."""
    return modal("Added", blocks)


def _problem(sentence: str) -> list[Block]:
    return [{"type": "section", "text": plain(sentence)}] if sentence else []
