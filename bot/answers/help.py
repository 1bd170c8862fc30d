"""/help: all commands, or one in full. Needs no services."""

from difflib import get_close_matches

from bot.errors import UserError
from bot.model.card import Card, Field, Table
from bot.model.command import Command, shown
from bot.services import Request


async def help_card(request: Request) -> Card:
    """The table of commands, or one command's options and an example."""
    asked = str(request.options.get("command") or "").lower().lstrip("/").strip()
    if not asked:
        return Card(
            title="What you can ask",
            text="Say /help and a command for its options, such as /help alert add.",
            table=Table(
                columns=("command", "what it tells or does"),
                rows=tuple((command.name, command.summary) for command in request.commands),
            ),
            facts={
                "commands": [
                    {"name": c.name, "usage": c.usage, "summary": c.summary}
                    for c in request.commands
                ]
            },
        )
    found = [c for c in request.commands if _words(c) == asked or c.path[0] == asked]
    if not found:
        names = [_words(command) for command in request.commands]
        near = get_close_matches(asked, names, 1, 0.6 if len(asked) > 3 else 0.75)
        advice = f"did you mean /{near[0]}?" if near else "/help lists them all."
        raise UserError(f"/{asked} is not a command; {advice}")
    if len(found) > 1:
        return Card(
            title=f"/{asked}",
            text=f"Say /help and one of these for its options, such as /help {_words(found[0])}.",
            table=Table(
                ("command", "what it tells or does"), tuple((c.name, c.summary) for c in found)
            ),
            facts={"commands": [c.usage for c in found]},
        )
    return _one(found[0])


def _words(command: Command) -> str:
    return " ".join(command.path)


def _one(command: Command) -> Card:
    fields = []
    for option in command.options:
        text = option.help
        if option.choices:
            text += f": {', '.join(option.choices)}"
        if option.default is not None:
            text += f" (otherwise {shown(option.default)})"
        elif not option.required:
            text += " (optional)"
        fields.append(Field(option.name, text))
    return Card(
        title=command.usage,
        text=f"{command.summary}.\nFor example: {command.example}",
        fields=tuple(fields),
        facts={"usage": command.usage, "example": command.example},
    )
