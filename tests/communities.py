"""Servers and workspaces side by side, whose people type commands as their surface lets them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import discord
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers import pressed
from bot.cards.to_text import to_plain
from bot.commands import COMMANDS, parse
from bot.errors import UserError
from bot.model.card import Card
from bot.model.command import Kind
from bot.model.feed import Feed, FeedKind, Voice
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.answering import ADDING, answer, reopen
from bot.surfaces.names import read_names
from bot.surfaces.slack import commands as slack_commands
from bot.surfaces.slack import known
from bot.surfaces.slack.channels import Channel
from bot.surfaces.slack.commands import Asked
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.people import Person, refusal, refusal_of_all
from bot.surfaces.slack.places import place
from bot.surfaces.slack.workspaces import Workspace
from cogs.permissions import NOT_ALLOWED, allowed
from storage import controls, feeds, guilds, receivers
from storage import outbox as outbox_rows
from storage.guilds import GuildSettings
from storage.schema import basket, feed, guild, held_news, receiver, room, silence, subscription
from tests.conftest import START

ROLES = ("manager", "member", "role", "guest", "direct")
NOTHING = discord.Permissions.none()
# What people may do in a server's channel, and the roles that they have, by who they are.
ON_DISCORD: Mapping[str, tuple[discord.Permissions, tuple[int, ...]]] = {
    "manager": (discord.Permissions(manage_channels=True), ()),
    "member": (NOTHING, (5,)),
    "role": (NOTHING, (7,)),
    "guest": (NOTHING, ()),
}
CHOSEN_ROLE = "7"


@dataclass(frozen=True)
class Community:
    """One server or workspace. Every word of its own begins with `mark`, which nobody else says."""

    surface: str
    number: int

    @property
    def mark(self) -> str:
        """What every word of its own begins with."""
        return f"zq{'abcdefgh'[self.number] * 3}"

    @property
    def key(self) -> str:
        """Its id."""
        return f"T{self.number}" if self.surface == "slack" else f"90{self.number}"

    @property
    def nonce(self) -> str:
        """What the buttons of its message carry."""
        return f"{self.number + 1:024x}"

    def place(self, channel: int, who: str = "") -> Receiver:
        """One of its channels; or somebody's own conversation with the bot."""
        if self.surface == "slack":
            name = f"D{self.number}" if who == "direct" else f"C{self.number}{channel}"
            title = "direct message" if who == "direct" else f"#{self.mark}-room{channel}"
            return replace(place(self.key, name, title), community_name=f"{self.mark} House")
        if who == "direct":
            return Receiver(0, "discord", f"80{self.number}", "direct message")
        return Receiver(
            0, "discord", f"70{self.number}{channel}", f"#{self.mark}-room{channel}",
            community=self.key, community_name=f"{self.mark} House",
        )  # fmt: skip


COMMUNITIES = (
    Community("discord", 0), Community("discord", 1), Community("discord", 2),
    Community("slack", 3), Community("slack", 4),
)  # fmt: skip


@dataclass
class Said:
    """What came back: a card, or a sentence; `allowed` is what the surface decided."""

    text: str
    card: Card | None = None
    refused: bool = False


class _Spoken:
    """A reply that keeps what it is given."""

    def __init__(self) -> None:
        self.card: Card | None = None

    async def show(self, card: Card, **_how: Any) -> None:
        self.card = card


class _Workspaces:
    """Workspaces that the bot knows already."""

    async def of(self, team: str) -> Workspace:
        return Workspace(team, f"workspace {team}", "U0", "B0", None)  # type: ignore[arg-type]

    async def refused(self, workspace: Workspace, code: str) -> Exception:
        raise AssertionError(code)


@dataclass
class Communities:
    """All of them on one database."""

    services: Services
    codes: dict[int, str] = field(default_factory=dict)
    # Who has given whose code: these two know of one another from then on.
    acquainted: set[frozenset[int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.slack = Slack(self.services, _Workspaces(), None)  # type: ignore[arg-type]
        for one in COMMUNITIES:
            if one.surface == "slack":
                self._introduce(one)

    def _introduce(self, one: Community) -> None:
        """Slack has said of late who the people are, and which channels there are."""
        for who in ROLES:
            person = Person(
                f"{one.mark} {who}", admin=who == "manager", team=one.key, guest=who == "guest"
            )
            known.remember(self.slack, ("person", one.key, f"U{who}"), person, 9e9)
        for channel in (0, 1):
            title = one.place(channel).title
            name = f"C{one.number}{channel}"
            known.remember(self.slack, ("channel", one.key, name), Channel(title, True), 9e9)
        direct = Channel("direct message", True)
        known.remember(self.slack, ("channel", one.key, f"D{one.number}"), direct, 9e9)

    async def say(self, one: Community, channel: int, who: str, line: str) -> Said:
        """Type a line, as the surface would take it."""
        try:
            if one.surface == "slack":
                card = await self._on_slack(one, channel, who, line)
            else:
                card = await self._on_discord(one, channel, who, line)
        except UserError as error:
            said = str(error)
            refused = said in (NOT_ALLOWED, refusal(self.slack), refusal_of_all(self.slack))
            return Said(said, refused=refused)
        if code := card.facts.get("code"):
            self.codes[one.number] = str(code)
        return Said(to_plain(card), card)

    async def _on_slack(self, one: Community, channel: int, who: str, line: str) -> Card:
        where, spoken = one.place(channel, who), _Spoken()
        asked = Asked(one.key, where.address.partition("/")[2], where.title, f"U{who}", one.key)
        await slack_commands.respond(self.slack, asked, line, spoken)  # type: ignore[arg-type]
        assert spoken.card is not None
        return spoken.card

    async def _on_discord(self, one: Community, channel: int, who: str, line: str) -> Card:
        """As a slash command is answered, but for what only Discord itself can say."""
        parsed, where = parse(line), one.place(channel, who)
        if parsed.command.guarded(parsed.options) and who != "direct":
            permissions, roles = ON_DISCORD[who]
            async with self.services.database.read() as connection:
                chosen = await guilds.guild_of(connection, one.key)
            if not allowed(permissions, roles, chosen.manager_role):
                raise UserError(NOT_ALLOWED)
        if parsed.command.path in ADDING:
            await reopen(self.services, where)
        now = self.services.clock.now()
        asker = f"{one.mark} {who}"
        return await answer(parsed, self.services, where, now, asker, person=f"discord/{asker}")

    async def press(self, one: Community, channel: int, owner: Community) -> Said:
        """Press a button that carries the nonce of a message of the owner's first channel."""
        where = one.place(channel)
        try:
            told = await pressed.told(self.services, owner.nonce, where.surface, where.address)
        except UserError as error:
            return Said(str(error))
        return Said(str(told))

    async def offered(self, one: Community, channel: int) -> str:
        """All that completion offers in a channel."""
        names = await read_names(self.services)
        found = []
        for command in COMMANDS:
            found += [
                str(dict(names.values(command, option, one.place(channel))))
                for option in command.options
                if option.kind not in (Kind.CHOICE, Kind.YES_NO)
            ]
        return "\n".join(found)

    async def digest(self, one: Community) -> str:
        """A digest of every row that is this community's."""
        hashed = hashlib.sha256()
        async with self.services.database.read() as connection:
            for row in await _rows(connection, one):
                hashed.update(row.encode())
        return hashed.hexdigest()


async def _rows(connection: AsyncConnection, one: Community) -> list[str]:
    addresses = [one.place(0).address, one.place(1).address, one.place(0, "direct").address]
    mine = receiver.c.address.in_(addresses) & (receiver.c.surface == one.surface)
    ids = select(receiver.c.id).where(mine)
    owners = [one.place(0).owner, one.place(0, "direct").owner]
    statements = [
        select(receiver).where(mine).order_by(receiver.c.id),
        select(basket).where(basket.c.owner.in_(owners)).order_by(basket.c.name),
        select(feed).where(feed.c.owner.in_(owners)).order_by(feed.c.key),
        select(guild).where(guild.c.id == one.key),
        select(room).where(or_(room.c.inviter_id.in_(ids), room.c.joiner_id.in_(ids))),
    ]
    statements += [
        select(table).where(table.c.receiver_id.in_(ids)).order_by(table.c.id)
        for table in (subscription, silence, held_news)
    ]
    return [repr(row) for statement in statements for row in await connection.execute(statement)]


# What each community sets up, in words that only it says.
SET_UP = (
    "/basket add {mark}chips NVDA,AMD {mark} title",
    "/alert add {mark}chips drawdown 11,23",
    "/subscribe releases keywords={mark}word",
    "/silence add {mark}chips 90d",
    "/channel quiet=22:00-07:00",
)


async def settle(services: Services) -> None:
    """Give each community things of its own: a feed too, and a message with buttons."""
    made = Communities(services)
    for one in COMMUNITIES:
        for line in SET_UP:
            said = await made.say(one, 0, "manager", line.format(mark=one.mark))
            assert said.card is not None, (one, line, said.text)
        await services.database.write(partial(_more, one))


async def _more(one: Community, connection: AsyncConnection) -> None:
    url, title = f"https://{one.mark}.example/{one.mark}", f"{one.mark}.example"
    owned = Feed(
        f"own:{one.number}", FeedKind.FEED, Voice.NEWS, url, title, owner=one.place(0).owner
    )
    await feeds.add_feed(connection, owned, START, f"{one.mark} manager")
    where = await receivers.find_receiver(connection, one.surface, one.place(0).address)
    assert where is not None
    facts = {
        "version": 1,
        "kind": "drawdown",
        "target": f"{one.mark}chips",
        "name": f"{one.mark} title",
    }
    await outbox_rows.enqueue(connection, where.id, one.nonce, "post", facts, one.mark, START)
    if one.surface == "discord":
        await guilds.set_guild(connection, one.key, GuildSettings(manager_role=CHOSEN_ROLE))


async def numbers_of(services: Services, one: Community) -> list[int]:
    """The numbers of what a community's first channel gets."""
    where = one.place(0)
    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, where.surface, where.address)
        assert found is not None
        return [item.id for item in await receivers.subscriptions(connection, found.id)]


async def silences_of(services: Services, one: Community) -> list[int]:
    """The numbers of the silences of a community's first channel."""
    where = one.place(0)
    async with services.database.read() as connection:
        found = await receivers.find_receiver(connection, where.surface, where.address)
        assert found is not None
        return [item.id for item in await controls.silences(connection, [found.id], START)]
