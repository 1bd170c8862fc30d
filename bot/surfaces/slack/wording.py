"""What the program calls its commands → what people type in Slack. Pure.

Slack's commands are known by one name: "/silence list" is "/aftershock silence list" there.
"""

import re
from dataclasses import replace

from bot.commands import COMMANDS
from bot.model.card import Card, Field, Table
from bot.model.room import AS_IT_STANDS
from bot.surfaces.slack.names import COMMAND

_FIRST = "|".join(sorted({command.path[0] for command in COMMANDS}))
# Not within an address, a path or a fraction, nor part of a longer word; nor Discord's.
_MENTION = re.compile(rf"(?<![\w/.:@~#%&=?+{AS_IT_STANDS}-])/(?=(?:{_FIRST})(?![\w/-]|\.\w))")
# A text cannot show a user group's name without calling its people.
_GROUP = re.compile(r"<!subteam\^[A-Z0-9]+>")


def for_slack(text: str) -> str:
    """`text` with the commands that it names as people type them in Slack, and no bare group."""
    return _GROUP.sub("a user group", _MENTION.sub(f"{COMMAND} ", text))


def card_for_slack(card: Card) -> Card:
    """The card with the commands that it names as people type them in Slack."""
    return replace(
        card,
        title=for_slack(card.title),
        text=for_slack(card.text),
        badge=for_slack(card.badge),
        fields=tuple(Field(for_slack(f.name), for_slack(f.value)) for f in card.fields),
        table=None if card.table is None else _table(card.table),
        footer=for_slack(card.footer),
        marks=tuple(map(for_slack, card.marks)),
    )


def _table(table: Table) -> Table:
    return replace(
        table,
        columns=tuple(map(for_slack, table.columns)),
        rows=tuple(tuple(map(for_slack, row)) for row in table.rows),
        note=for_slack(table.note),
    )
