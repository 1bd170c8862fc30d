"""/subscribe."""

from bot.commands.options import OPEN_ONLY
from bot.model.command import Command, Kind, Option

SUBSCRIBE: tuple[Command, ...] = (
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
            OPEN_ONLY,
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
)
