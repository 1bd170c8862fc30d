"""/cost."""

from bot.model.command import Command, Kind, Option

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

COST: tuple[Command, ...] = (
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
        costly=True,
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
        costly=True,
    ),
)
