"""/channel, /room, /setup and /basket."""

from bot.model.command import Command, Kind, Option

CHANNEL: tuple[Command, ...] = (
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
)

ROOM: tuple[Command, ...] = (
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
)

SETUP: tuple[Command, ...] = (
    Command(
        ("setup",),
        "Set up this channel, step by step",
        "bot.answers.setup:setup",
        (),
        "/setup",
        changes=True,
    ),
)

BASKET: tuple[Command, ...] = (
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
        community=True,
        costly=True,
    ),
    Command(
        ("basket", "remove"),
        "Remove a basket of your own",
        "bot.answers.basket:remove",
        (Option("name", Kind.NAME, "the basket's name", required=True),),
        "/basket remove my-chips",
        changes=True,
        community=True,
    ),
)
