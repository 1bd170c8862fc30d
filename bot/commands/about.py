"""/status and /help."""

from bot.model.command import Command, Kind, Option

STATUS: tuple[Command, ...] = (
    Command(
        ("status",),
        "Is the bot well, and how old are its figures",
        "bot.answers.status:status",
        (),
        "/status",
    ),
)

HELP: tuple[Command, ...] = (
    Command(
        ("help",),
        "All commands, or one in full",
        "bot.answers.help:help_card",
        (Option("command", Kind.WORDS, "a command, such as alert add"),),
        "/help alert add",
    ),
)
