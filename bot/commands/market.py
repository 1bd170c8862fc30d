"""/drawdown, /valuation, /stress, /impact and /crowding."""

from bot.commands.options import WINDOWS
from bot.model.command import Command, Kind, Option

_WINDOW = Option(
    "window",
    Kind.CHOICE,
    "the window whose highest close is the peak",
    default="1y",
    choices=WINDOWS,
)

DRAWDOWN: tuple[Command, ...] = (
    Command(
        ("drawdown",),
        "How far a symbol or basket is below its peak",
        "bot.answers.drawdown:drawdown",
        (
            Option("target", Kind.TARGET, "a symbol or basket; without it, every basket"),
            _WINDOW,
        ),
        "/drawdown NVDA 1y",
        costly=True,
    ),
)

VALUATION: tuple[Command, ...] = (
    Command(
        ("valuation",),
        "What the market pays for earnings: P/E, PEG, growth, beside the S&P 500",
        "bot.answers.valuation:valuation",
        (Option("target", Kind.TARGET, "a symbol or basket; without it, the stocks of ai"),),
        "/valuation NVDA",
        costly=True,
    ),
)

STRESS: tuple[Command, ...] = (
    Command(
        ("stress",),
        "What a price would be at a lower multiple or lower earnings, and what growth it implies",
        "bot.answers.stress:stress",
        (
            Option("target", Kind.TARGET, "a symbol or basket", required=True),
            Option("multiple", Kind.FIGURES, "a P/E such as 22; without it, the market's"),
            Option(
                "haircut",
                Kind.INTEGER,
                "percent off the expected earnings",
                default=20,
                lowest=0,
                highest=99,
            ),
            Option(
                "years",
                Kind.INTEGER,
                "over how many years growth is implied",
                default=5,
                highest=30,
            ),
            Option(
                "discount",
                Kind.INTEGER,
                "percent a year that an investor wants",
                default=10,
                highest=50,
            ),
        ),
        "/stress NVDA 22 20",
        costly=True,
    ),
)

IMPACT: tuple[Command, ...] = (
    Command(
        ("impact",),
        "What prices did after a release, beyond the market, and how unusual that was",
        "bot.answers.impact:impact",
        (
            Option("release", Kind.NAME, "a model, a release or a day, such as DeepSeek-R1"),
            Option("target", Kind.TARGET, "a symbol or basket; without it, the shipped baskets"),
            Option(
                "window",
                Kind.WORDS,
                "sessions around the first one after it, such as 0..5 or -1..10",
                default="0..5",
            ),
            Option(
                "history",
                Kind.YES_NO,
                "rank past releases by the reaction to them",
                default=False,
            ),
        ),
        "/impact DeepSeek-R1 compute",
        costly=True,
    ),
)

CROWDING: tuple[Command, ...] = (
    Command(
        ("crowding",),
        "Whether the stocks of a basket move as one: correlation, dispersion, beta, volatility",
        "bot.answers.crowding:crowding",
        (Option("basket", Kind.NAME, "a basket, such as ai", default="ai"),),
        "/crowding ai",
        costly=True,
    ),
)
