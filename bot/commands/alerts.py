"""/alert and /silence."""

from bot.commands.options import WINDOWS
from bot.model.command import Command, Kind, Option

_CONDITION = Option(
    "condition",
    Kind.CHOICE,
    "what to watch for",
    default="drawdown",
    choices=(
        "drawdown",
        "move",
        "above",
        "below",
        "high",
        "low",
        "pe-above",
        "pe-below",
        "crowding",
        "volatility",
    ),
)

_PERCENT, _PRICE, _PE = "percentages such as 5,10,20", "a price such as 150", "a P/E such as 40"

_RANK = "a percentile such as 95"

_LEVELS = Option(
    "levels",
    Kind.FIGURES,
    "percent (5,10,20), a price or a P/E, as the condition is",
    by="condition",
    forms={
        "drawdown": _PERCENT,
        "move": _PERCENT,
        "above": _PRICE,
        "below": _PRICE,
        "pe-above": _PE,
        "pe-below": _PE,
        "crowding": _RANK,
        "volatility": _RANK,
    },
)
# Only a drawdown has a window, so that one which was given elsewhere can be refused.

_PEAK_WINDOW = Option(
    "window",
    Kind.CHOICE,
    "for a drawdown, the window whose highest close is the peak; usually 1y",
    choices=WINDOWS,
)

ALERT: tuple[Command, ...] = (
    Command(
        ("alert", "add"),
        "Tell this channel when a symbol or basket falls, moves or crosses a figure",
        "bot.answers.alert:add",
        (
            Option("target", Kind.TARGET, "a symbol or basket", required=True),
            _CONDITION,
            _LEVELS,
            _PEAK_WINDOW,
            Option(
                "members", Kind.YES_NO, "each member of the basket on its own too", default=False
            ),
            Option("once", Kind.YES_NO, "told once, then removed", default=False),
            Option("repeat", Kind.DURATION, "said again that often while it lasts, such as 6h"),
            Option("expires", Kind.DURATION, "removed after so long, such as 30d"),
            Option(
                "mention",
                Kind.NAME,
                "whom to mention, such as @desk: a role on Discord, a user group on Slack",
            ),
        ),
        "/alert add NVDA drawdown 10,20",
        changes=True,
    ),
    Command(
        ("alert", "list"),
        "What this channel is told about",
        "bot.answers.alert:list_rules",
        (),
        "/alert list",
    ),
    Command(
        ("alert", "remove"),
        "Stop telling this channel",
        "bot.answers.alert:remove",
        (Option("number", Kind.INTEGER, "the number that /alert list shows", required=True),),
        "/alert remove 2",
        changes=True,
    ),
    Command(
        ("alert", "test"),
        "How often a rule would have fired in the last two years, and when",
        "bot.answers.backtest:test_rule",
        (
            Option("target", Kind.TARGET, "a symbol or basket", required=True),
            _CONDITION,
            _LEVELS,
            _PEAK_WINDOW,
        ),
        "/alert test NVDA drawdown 10%",
        costly=True,
    ),
    Command(
        ("alert", "explain"),
        "Why an alert or a release was told, or was not",
        "bot.answers.explain:explain",
        (
            Option(
                "target",
                Kind.TARGET,
                "a symbol, basket or model; without it, a line on each and the newest in full",
            ),
        ),
        "/alert explain NVDA",
    ),
)

SILENCE: tuple[Command, ...] = (
    Command(
        ("silence", "add"),
        "Say nothing of something for a while",
        "bot.answers.silence:add",
        (
            Option(
                "what",
                Kind.NAME,
                "a symbol, a basket, an alert's number, a lab or all",
                required=True,
                prefixes=("alert", "rule"),
            ),
            Option("for", Kind.DURATION, "how long, such as 1h or 3d", default=None),
            Option("until", Kind.WORDS, "until when, as 2025-02-03 or 2025-02-03 08:00"),
        ),
        "/silence add NVDA 1d",
        changes=True,
    ),
    Command(
        ("silence", "list"),
        "What is silenced here, and until when",
        "bot.answers.silence:list_silences",
        (),
        "/silence list",
    ),
    Command(
        ("silence", "remove"),
        "End a silence before its time",
        "bot.answers.silence:remove",
        (Option("number", Kind.INTEGER, "the number that /silence list shows", required=True),),
        "/silence remove 1",
        changes=True,
    ),
)
