"""/releases and /model."""

from bot.commands.options import LAB, OPEN_ONLY
from bot.model.command import Command, Kind, Option

RELEASES: tuple[Command, ...] = (
    Command(
        ("releases", "latest"),
        "The newest models",
        "bot.answers.releases:latest",
        (
            LAB,
            OPEN_ONLY,
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
            LAB,
            OPEN_ONLY,
            Option("months", Kind.INTEGER, "how far back", default=12, highest=120),
        ),
        "/releases timeline months=6",
        costly=True,
    ),
)

MODEL: tuple[Command, ...] = (
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
)
