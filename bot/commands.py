"""The table of all commands. Slack and the console parse against it; Discord's cogs are compared
with it.
"""

from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from bot.model.command import Command, Kind, Option
from bot.parsing import Parsed, parse_line

if TYPE_CHECKING:
    from bot.model.card import Card
    from bot.services import Request

_WINDOWS = ("1m", "3m", "6m", "1y", "2y", "3y", "5y", "max")
_WINDOW = Option(
    "window",
    Kind.CHOICE,
    "the window whose highest close is the peak",
    default="1y",
    choices=_WINDOWS,
)
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
    choices=_WINDOWS,
)
_LAB = Option("lab", Kind.NAME, "one lab only, such as DeepSeek")
_WORKLOAD = (
    Option("requests", Kind.INTEGER, "requests a day", required=True, highest=10**10),
    Option("input", Kind.INTEGER, "input tokens of one request", required=True, lowest=0),
    Option("output", Kind.INTEGER, "output tokens of one request", required=True, lowest=0),
    Option(
        "cached",
        Kind.INTEGER,
        "percent of the input that the provider has kept from before",
        default=0,
        lowest=0,
        highest=100,
    ),
    Option("batch", Kind.YES_NO, "whether requests may wait, at the price for that", default=False),
    Option(
        "peak",
        Kind.INTEGER,
        "percent of the requests at peak hours; without it, spread over the week",
        lowest=0,
        highest=100,
    ),
)
_OPEN_ONLY = Option("open_only", Kind.YES_NO, "open weights only", default=False)

COMMANDS: tuple[Command, ...] = (
    Command(
        ("drawdown",),
        "How far a symbol or basket is below its peak",
        "bot.answers.drawdown:drawdown",
        (
            Option("target", Kind.TARGET, "a symbol or basket; without it, every basket"),
            _WINDOW,
        ),
        "/drawdown NVDA 1y",
    ),
    Command(
        ("valuation",),
        "What the market pays for earnings: P/E, PEG, growth, beside the S&P 500",
        "bot.answers.valuation:valuation",
        (Option("target", Kind.TARGET, "a symbol or basket; without it, the stocks of ai"),),
        "/valuation NVDA",
    ),
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
    ),
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
    ),
    Command(
        ("crowding",),
        "Whether the stocks of a basket move as one: correlation, dispersion, beta, volatility",
        "bot.answers.crowding:crowding",
        (Option("basket", Kind.NAME, "a basket, such as ai", default="ai"),),
        "/crowding ai",
    ),
    Command(
        ("releases", "latest"),
        "The newest models",
        "bot.answers.releases:latest",
        (
            _LAB,
            _OPEN_ONLY,
            Option("count", Kind.INTEGER, "how many", default=10, highest=50),
        ),
        "/releases latest DeepSeek",
    ),
    Command(
        ("releases", "search"),
        "Models by name",
        "bot.answers.releases:search",
        (Option("words", Kind.WORDS, "words of the model's or lab's name", required=True),),
        "/releases search llama 3",
    ),
    Command(
        ("releases", "timeline"),
        "How often labs release, and how long ago they last did",
        "bot.answers.timeline:timeline",
        (
            _LAB,
            _OPEN_ONLY,
            Option("months", Kind.INTEGER, "how far back", default=12, highest=120),
        ),
        "/releases timeline months=6",
    ),
    Command(
        ("model",),
        "All that is known of a model, or several side by side",
        "bot.answers.model:model",
        (
            Option(
                "names",
                Kind.NAMES,
                "a model's name, or several, comma-separated, such as o1, DeepSeek-R1",
                required=True,
            ),
        ),
        "/model DeepSeek-R1, o1",
    ),
    Command(
        ("cost", "price"),
        "What a model costs per million tokens, today or on any day",
        "bot.answers.cost_price:price",
        (
            Option("model", Kind.NAME, "a model, such as GPT-4o", required=True),
            Option("on", Kind.WORDS, "a day, such as 2025-01-28; without it, today"),
            Option("provider", Kind.NAME, "who sells it, such as OpenRouter; usually its own lab"),
        ),
        "/cost price DeepSeek-V3 2025-01-27",
    ),
    Command(
        ("cost", "compare"),
        "Models' prices side by side, as a table and a picture",
        "bot.answers.cost_compare:compare",
        (
            Option(
                "models",
                Kind.NAMES,
                "models, comma-separated, such as GPT-4o, DeepSeek-V3",
                required=True,
            ),
            Option("mix", Kind.WORDS, "input to output tokens of the blend", default="3:1"),
            Option("on", Kind.WORDS, "a day, such as 2025-01-28; without it, today"),
        ),
        "/cost compare GPT-4o,DeepSeek-V3",
    ),
    Command(
        ("cost", "workload"),
        "What a number of requests costs per day, month and year",
        "bot.answers.cost_workload:workload",
        (Option("model", Kind.NAME, "a model, such as GPT-4o", required=True), *_WORKLOAD),
        "/cost workload GPT-4o 10000 2000 500 cached=40",
    ),
    Command(
        ("cost", "migrate"),
        "What moving from one model to another saves or costs",
        "bot.answers.cost_migrate:migrate",
        (
            Option("from", Kind.NAME, "the model in use", required=True),
            Option("to", Kind.NAME, "the model to move to", required=True),
            *_WORKLOAD,
            Option(
                "switching",
                Kind.INTEGER,
                "what the move itself costs, in dollars",
                lowest=0,
            ),
        ),
        "/cost migrate GPT-4o DeepSeek-V3 10000 2000 500 switching=5000",
    ),
    Command(
        ("cost", "training"),
        "What training took: GPU hours, what was claimed, and what the claim includes",
        "bot.answers.cost_training:training",
        (
            Option("models", Kind.NAMES, "models, comma-separated; without any, the dearest"),
            Option(
                "rate",
                Kind.FIGURES,
                "dollars for an hour of one GPU, such as 2",
            ),
        ),
        "/cost training DeepSeek-V3,Llama-3.1-405B",
    ),
    Command(
        ("cost", "index"),
        "How fast tokens get cheaper: the lowest price over time, open and closed weights apart",
        "bot.answers.cost_index:index",
        (
            Option(
                "class",
                Kind.CHOICE,
                "which models: the labs' best, those that reason, or all language models",
                default="frontier",
                choices=("frontier", "reasoning", "all"),
            ),
            Option("months", Kind.INTEGER, "how far back", default=30, lowest=3, highest=120),
        ),
        "/cost index",
    ),
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
    Command(
        ("subscribe", "digest"),
        "A daily or weekly digest of a basket, at a time of this channel's",
        "bot.answers.subscribe:digest",
        (
            Option("every", Kind.CHOICE, "how often", default="day", choices=("day", "week")),
            Option("at", Kind.NAME, "local time, such as 08:00", default="08:00"),
            Option("basket", Kind.NAME, "whose table it shows", default="ai"),
            Option(
                "weekday",
                Kind.CHOICE,
                "for a weekly one",
                default="mon",
                choices=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
            ),
        ),
        "/subscribe digest day 08:00 ai",
        changes=True,
    ),
    Command(
        ("subscribe", "releases"),
        "New models as they come: language models of frontier labs, or those of labs you name",
        "bot.answers.subscribe:releases",
        (
            Option("labs", Kind.NAMES, "only of these labs, comma-separated, such as DeepSeek"),
            Option(
                "kinds",
                Kind.NAMES,
                "only of these kinds: language, code, image, video, audio, embedding or other",
            ),
            _OPEN_ONLY,
            Option("keywords", Kind.NAMES, "only with any of these words in the name or headline"),
            Option("without", Kind.NAMES, "none with any of these words in the name or headline"),
            Option("rumours", Kind.YES_NO, "rumours too, told as what they are", default=False),
            Option(
                "study",
                Kind.CHOICE,
                "studies of stocks after 2 and 6 sessions, in answer to the release",
                default="unusual",
                choices=("always", "unusual", "never"),
            ),
            Option(
                "role",
                Kind.NAME,
                "whom to mention, such as @desk: a role on Discord, a user group on Slack",
            ),
        ),
        "/subscribe releases DeepSeek,OpenAI without=preview",
        changes=True,
    ),
    Command(
        ("subscribe", "prices"),
        "Price cuts and rises of models, a new cheapest one, a new one far below the others",
        "bot.answers.subscribe_prices:prices",
        (
            Option("models", Kind.NAMES, "only these models, comma-separated, such as GPT-4o"),
            Option("labs", Kind.NAMES, "only of these labs, comma-separated, such as DeepSeek"),
            Option(
                "percent", Kind.INTEGER, "cuts and rises of at least this", default=10, highest=100
            ),
            Option(
                "newcomer",
                Kind.INTEGER,
                "new models at under this percent of the leading model's price",
                default=25,
                highest=100,
            ),
            Option(
                "parting",
                Kind.INTEGER,
                "when sources disagree by more than this percent; usually not told",
                highest=1000,
            ),
            Option(
                "role",
                Kind.NAME,
                "whom to mention, such as @desk: a role on Discord, a user group on Slack",
            ),
        ),
        "/subscribe prices labs=DeepSeek,OpenAI percent=20",
        changes=True,
    ),
    Command(
        ("subscribe", "remove"),
        "End a subscription",
        "bot.answers.alert:end_subscription",
        (Option("number", Kind.INTEGER, "the number that /channel shows", required=True),),
        "/subscribe remove 2",
        changes=True,
    ),
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
    Command(
        ("channel",),
        "All that this channel gets, its time zone and quiet hours; or change them",
        "bot.answers.channel:channel",
        (
            Option("quiet", Kind.NAME, "quiet hours, such as 22:00-07:00, or off"),
            Option("timezone", Kind.NAME, "a time zone, such as Asia/Taipei"),
            Option("cap", Kind.INTEGER, "messages within an hour, at most", highest=1000),
        ),
        "/channel quiet=22:00-07:00 timezone=Asia/Taipei",
        changes=True,
    ),
    Command(
        ("room", "invite"),
        "A code that links this channel with one on the other platform, Discord or Slack",
        "bot.answers.room:invite",
        (),
        "/room invite",
        changes=True,
    ),
    Command(
        ("room", "join"),
        "Ask to be linked with the channel whose code this is",
        "bot.answers.room:join",
        (Option("code", Kind.WORDS, "the code that was made in the other channel", required=True),),
        "/room join K7QM-2XRD",
        changes=True,
    ),
    Command(
        ("room", "confirm"),
        "Link this channel with the one that gave its code",
        "bot.answers.room:confirm",
        (),
        "/room confirm",
        changes=True,
    ),
    Command(
        ("room", "show"),
        "Which channel this one is linked with",
        "bot.answers.room:show",
        (),
        "/room show",
    ),
    Command(
        ("room", "leave"),
        "End the link; each channel keeps what it has",
        "bot.answers.room:leave",
        (),
        "/room leave",
        changes=True,
    ),
    Command(
        ("setup",),
        "Set up this channel, step by step",
        "bot.answers.setup:setup",
        (),
        "/setup",
        changes=True,
    ),
    Command(
        ("basket", "list"),
        "The baskets there are",
        "bot.answers.basket:list_baskets",
        (),
        "/basket list",
    ),
    Command(
        ("basket", "show"),
        "What is in a basket, and how each member stands",
        "bot.answers.basket:show",
        (Option("name", Kind.NAME, "the basket's name", required=True),),
        "/basket show ai",
    ),
    Command(
        ("basket", "add"),
        "Make a basket of your own, which every channel here can follow",
        "bot.answers.basket:add",
        (
            Option("name", Kind.NAME, "a name of letters, digits and hyphens", required=True),
            Option("symbols", Kind.SYMBOLS, "its symbols, comma-separated", required=True),
            Option("title", Kind.WORDS, "how it reads in a sentence"),
        ),
        "/basket add my-chips NVDA,AMD,AVGO my chip stocks",
        changes=True,
    ),
    Command(
        ("basket", "remove"),
        "Remove a basket of your own",
        "bot.answers.basket:remove",
        (Option("name", Kind.NAME, "the basket's name", required=True),),
        "/basket remove my-chips",
        changes=True,
    ),
    Command(
        ("feeds", "list"),
        "The feeds that are read for new models, by lab",
        "bot.answers.feeds:list_feeds",
        (_LAB,),
        "/feeds list DeepSeek",
    ),
    Command(
        ("feeds", "health"),
        "How each feed does: when it was last read, had something new, or why it fails",
        "bot.answers.feeds:health",
        (_LAB,),
        "/feeds health",
    ),
    Command(
        ("feeds", "add"),
        "Read a feed of your own, for the channels here that follow new models",
        "bot.answers.own_feeds:add",
        (
            Option(
                "url", Kind.NAME, "its address, beginning with https:// or http://", required=True
            ),
            Option("lab", Kind.NAME, "the lab whose models it tells of, such as DeepSeek"),
        ),
        "/feeds add https://example.org/feed.xml",
        changes=True,
    ),
    Command(
        ("feeds", "remove"),
        "Stop reading a feed of your own",
        "bot.answers.own_feeds:remove",
        (Option("name", Kind.NAME, "the feed's name, as /feeds list shows it", required=True),),
        "/feeds remove example.org",
        changes=True,
    ),
    Command(
        ("feeds", "test"),
        "What a feed's newest entries would be judged as; nothing is posted",
        "bot.answers.feed_test:test_feed",
        (Option("feed", Kind.NAME, "a feed's name, or an address", required=True),),
        "/feeds test openai-news",
        address="feed",
    ),
    Command(
        ("status",),
        "Is the bot well, and how old are its figures",
        "bot.answers.status:status",
        (),
        "/status",
    ),
    Command(
        ("help",),
        "All commands, or one in full",
        "bot.answers.help:help_card",
        (Option("command", Kind.WORDS, "a command, such as alert add"),),
        "/help alert add",
    ),
)


def parse(line: str, commands: Sequence[Command] = COMMANDS) -> Parsed:
    """The command and typed options that `line` asks for; raises UserError."""
    return parse_line(line, commands)


def command_of(*path: str) -> Command:
    """The command at `path` of the table, which must be there."""
    return next(command for command in COMMANDS if command.path == path)


def find_answer(command: Command) -> "Callable[[Request], Awaitable[Card]]":
    """The function that answers a command; its module is imported now, not before."""
    module, _, name = command.answer.partition(":")
    return cast("Callable[[Request], Awaitable[Card]]", getattr(import_module(module), name))
