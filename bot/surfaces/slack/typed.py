"""What Slack sends of a slash command → the line that somebody typed. Pure.

With escaping switched on, Slack sends people, channels, groups and links as "<…>", and what is
typed as "&", "<" and ">" as entities. Phones and Macs put curly quotes and long dashes in place of
what was typed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.commands import COMMANDS
from bot.errors import UserError
from bot.model.card import Card
from bot.model.command import Command
from bot.model.wording import listing
from bot.surfaces.slack.names import COMMAND

# Slash commands that stand for "/aftershock" and a word.
SHORT_COMMANDS = ("drawdown", "releases", "alert", "silence")
SLASHES = (COMMAND, *(f"/{name}" for name in SHORT_COMMANDS))
# A first word that stands for others.
ALIASES: Mapping[str, str] = {
    "dd": "drawdown",
    "new": "releases latest",
    "alerts": "alert list",
    "snooze": "silence add",
    "subs": "channel",
}
_HELP = "help"
_MARKED = re.compile(r"<([^<>\s][^<>]*)>")
_GROUP = re.compile(r"!subteam\^([A-Z0-9]{1,24})")
_MENTION = re.compile(r"<!subteam\^[A-Z0-9]{1,24}>")
_DASH_AT_FIGURE = re.compile(r"[—–](?=[\d.$])|(?<=\d)[—–]")
_CHARACTERS = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'",
        "—": "--", "–": "--",
        "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u3000": " ",
        "\u200b": None, "\u2060": None, "\ufeff": None,
    }
)  # fmt: skip


def line_of(slash: str, text: str) -> str:
    """The line that a slash command and what followed it stand for: "drawdown NVDA".

    `slash` is one of SLASHES. Nothing at all is a call for help.
    """
    typed = _without_lead(_plain(text).strip())
    name = slash.lstrip("/").lower()
    if name in SHORT_COMMANDS:
        typed = f"{name} {typed}"
    return _spelled_out(typed.strip() or _HELP)


def _plain(text: str) -> str:
    """The text as it was typed, in plain characters."""
    unmarked = _MARKED.sub(lambda found: _shown(found[1]), text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        unmarked = unmarked.replace(entity, character)
    return _DASH_AT_FIGURE.sub("-", unmarked).translate(_CHARACTERS)


def _shown(marked: str) -> str:
    """What stood between "<" and ">", as people read it; a user group keeps what calls it."""
    address, _, label = marked.partition("|")
    group = _GROUP.fullmatch(address)
    if group is not None:
        return f"<!subteam^{group[1]}>"
    if address.startswith(("@", "#")):
        return address[0] + (label or address[1:]).lstrip("@#")
    if address.startswith("!"):  # "<!here|here>" calls everybody; it is only a word here
        return f"@{(label or address[1:]).lstrip('@')}"
    return label or address.removeprefix("mailto:").removeprefix("tel:")


def _without_lead(typed: str) -> str:
    """Without a second "/aftershock", where a whole example was pasted after the first."""
    first, _, rest = typed.partition(" ")
    return rest.strip() if first.lower() == COMMAND else typed


def _spelled_out(typed: str) -> str:
    """The line with its alias written out; that of "help dd" too."""
    first, _, rest = typed.partition(" ")
    word = first.lower().lstrip("/")
    if word == _HELP:
        asked = rest.strip().lower().lstrip("/")
        return f"{_HELP} {ALIASES.get(asked, rest.strip())}".strip()
    return f"{ALIASES.get(word, first)} {rest}".strip()


def usage_of(line: str, commands: Sequence[Command] = COMMANDS) -> str:
    """How the command that a line begins with is written; "" where it begins with none."""
    words = [word.lower() for word in line.split()[:2]]
    words[:1] = [word.lstrip("/") for word in words[:1]]
    found = (one for one in commands if tuple(words[: len(one.path)]) == one.path)
    return next((one.usage for one in found), "")


def refuse_mention(options: Mapping[str, Any]) -> None:
    """Raise UserError where an alert is to call what Slack did not take for a user group."""
    mention = options.get("mention") or options.get("role")
    if mention is not None and _MENTION.fullmatch(str(mention).strip()) is None:
        raise UserError(
            f"{str(mention).strip()} is not a user group that Slack knows; type @ and choose the "
            "group from the list that Slack shows."
        )


def with_short_forms(card: Card, asked: str = "") -> Card:
    """The card of help with a line on the short forms of what was asked about; "" is all."""
    words = asked.lower().lstrip("/").split()
    forms = [
        f"{short} for {full}"
        for short, full in ALIASES.items()
        if full.split()[: len(words)] == words
    ]
    alone = [name for name in SHORT_COMMANDS if words in ([], [name])]
    said = [f"Short forms: {listing(forms)}"] if forms else []
    if alone:
        many = len(alone) > 1
        own = "slash commands of their own" if many else "a slash command of its own"
        said.append(f"{listing(alone)} {'are' if many else 'is'} {own} too")
    text = f"{'; '.join(said)}." if said else ""
    return replace(card, text=f"{card.text}\n{text}".strip())
