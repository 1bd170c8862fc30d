"""/feeds."""

from bot.commands.options import LAB
from bot.model.command import Command, Kind, Option

FEEDS: tuple[Command, ...] = (
    Command(
        ("feeds", "list"),
        "The feeds that are read for new models, by lab",
        "bot.answers.feeds:list_feeds",
        (LAB,),
        "/feeds list DeepSeek",
    ),
    Command(
        ("feeds", "health"),
        "How each feed does: when it was last read, had something new, or why it fails",
        "bot.answers.feeds:health",
        (LAB,),
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
        community=True,
        costly=True,
    ),
    Command(
        ("feeds", "remove"),
        "Stop reading a feed of your own",
        "bot.answers.own_feeds:remove",
        (Option("name", Kind.NAME, "the feed's name, as /feeds list shows it", required=True),),
        "/feeds remove example.org",
        changes=True,
        community=True,
    ),
    Command(
        ("feeds", "test"),
        "What a feed's newest entries would be judged as; nothing is posted",
        "bot.answers.feed_test:test_feed",
        (Option("feed", Kind.NAME, "a feed's name, or an address", required=True),),
        "/feeds test openai-news",
        address="feed",
        costly=True,
    ),
)
