"""A workspace on 127.0.0.1 with the real Bolt app at its socket: what tests of commands need."""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards import to_slack
from bot.cards.marks import mark_lines
from bot.model.card import Card, Chart
from bot.model.receiver import MessageRef, Receiver
from bot.model.rule import Rule
from bot.services import Services
from bot.surfaces.slack import actions, commands, dialogs, names, shortcuts
from bot.surfaces.slack.app import build
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.places import address_of, place
from bot.surfaces.slack.workspaces import OneWorkspace, Workspace, client_of
from storage import attempts, outbox, receivers
from storage.attempts import Outcome
from storage.schema import outbox as rows
from storage.schema import receiver
from tests.conftest import START
from tests.servers.slack import Channel, File, Message, SlackServer, User

AI = Rule("ai", "1y", (100_000, 200_000), 20_000)
_UNSEEN = ("private_metadata", "slack_file", "type", "action_id", "value", "block_id")
NONCES = (f"{number:024x}" for number in itertools.count(1))


@dataclass
class Drawn:
    """Charts that Slack keeps; `error` is raised instead, where it is set."""

    server: SlackServer
    charts: list[Chart] = field(default_factory=list)
    error: Exception | None = None

    async def file_of(self, workspace: Workspace, chart: Chart) -> str:
        """A file that holds the chart, as far as Slack knows."""
        if self.error is not None:
            raise self.error
        self.charts.append(chart)
        name = self.server.clock.id("F")
        kept = File(name, workspace.team, "chart.png", 1, complete=True)
        self.server.workspaces[workspace.team].files[name] = kept
        return name


class Office:
    """The server, the app's context, and an admin and a member of the workspace."""

    def __init__(self, server: SlackServer, slack: Slack, drawn: Drawn) -> None:
        self.server, self.slack, self.drawn = server, slack, drawn
        self.services = slack.services
        self.team = server.workspace.team
        self.ann = server.workspace.add_user("ann", admin=True)
        self.bob = server.workspace.add_user("bob")
        self._names = itertools.count(1)

    def channel(self, **how: Any) -> Channel:
        """A new channel with Ann and Bob in it."""
        name = f"alerts-{next(self._names)}"
        return self.server.workspace.add_channel(name, self.ann, self.bob, **how)

    def chosen(self, *managers: str) -> None:
        """From now on the settings name who may change things; nobody: the default."""
        settings = self.services.settings
        named = settings.slack.model_copy(update={"managers": managers})
        self.slack.services.__dict__["settings"] = settings.model_copy(update={"slack": named})

    async def ask(
        self, text: str, where: Channel, by: User | None = None, command: str = "/aftershock"
    ) -> Mapping[str, Any]:
        """What is answered to a command, as it was sent."""
        asked = await self.server.command(text, user=by or self.ann, channel=where, command=command)
        return await asked.response()

    def place(self, channel: Channel) -> Receiver:
        """The channel as a receiver."""
        return place(channel.team, channel.id, f"#{channel.name}")

    async def found(self, channel: Channel) -> Receiver | None:
        """The receiver of the channel, as it is stored."""
        async with self.services.database.read() as connection:
            return await receivers.find_receiver(
                connection, "slack", address_of(channel.team, channel.id)
            )

    async def set_up_by(self, channel: Channel) -> str:
        """Who has set the channel up."""
        found = await self.found(channel)
        async with self.services.database.read() as connection:
            return await receivers.set_up_by(connection, found.id) if found else ""

    async def follow(self, channel: Channel, *rules: Rule, kind: str = "rule") -> Receiver:
        """Alerts as /alert add makes them, without the back-test; kind "releases" for news."""
        given = self.place(channel)

        async def work(connection: AsyncConnection) -> Receiver:
            made = await receivers.receiver_of(
                connection, given.surface, given.address, given.title, START, given.community
            )
            for rule in rules:
                number = await receivers.rule_id(connection, rule)
                await receivers.add_subscription(connection, made.id, START, rule_id=number)
            if kind != "rule":
                await receivers.add_subscription(connection, made.id, START, kind=kind)
            return made

        return await self.services.database.write(work)


@asynccontextmanager
async def opened(server: SlackServer, services: Services) -> AsyncIterator[Office]:
    """The app at the server's socket; a second one is a restart."""
    async with aiohttp.ClientSession() as session:
        token = server.workspace.bot_token
        workspaces = OneWorkspace(client_of(token, server.api_url, session))
        await workspaces.look()
        drawn = Drawn(server)
        slack = Slack(replace(services), workspaces, drawn)
        listeners = (commands.register, actions.register, shortcuts.register, dialogs.register)
        app = build(slack, listeners, client_of(None, server.api_url, session))
        socket = AsyncSocketModeHandler(app, server.app_token, ping_interval=1)
        await socket.connect_async()  # type: ignore[no-untyped-call]
        try:
            await server.connected()
            yield Office(server, slack, drawn)
        finally:
            await socket.close_async()  # type: ignore[no-untyped-call]


async def told(
    office: Office, channel: Channel, facts: Mapping[str, Any], thread: Message | None = None
) -> Message:
    """A row of the outbox and its message, with the buttons."""
    place, nonce = await office.follow(channel), next(NONCES)

    async def work(connection: AsyncConnection) -> None:
        await outbox.enqueue(connection, place.id, nonce, "post", facts, "text", START)

    await office.services.database.write(work)
    async with office.services.database.read() as connection:
        row = await outbox.by_nonce(connection, nonce)
    assert row is not None
    card = Card("AI stocks are 13.7% below their peak", "Told at the close.", footer="Yahoo")
    rendered = to_slack.alert(card, nonce=nonce, actions=actions.actions(row))
    client = (await office.slack.workspaces.of(office.team)).client
    await client.chat_postMessage(
        channel=channel.id,
        text=rendered.text,
        blocks=rendered.blocks,
        metadata={"event_type": names.METADATA, "event_payload": {"nonce": nonce}},
        thread_ts=thread.ts if thread else None,
    )
    message = office.server.messages(channel)[-1]

    async def sent(connection: AsyncConnection) -> None:
        begun = await attempts.begin_attempts(connection, [row.id], START)
        ref = MessageRef(channel.id, message.ts, message.thread_ts or "")
        outcome = Outcome(row.id, begun[row.id], START, attempts.SENT, ref=ref)
        await attempts.record(connection, [outcome])

    await office.services.database.write(sent)
    return message


async def marks_of(office: Office, channel: Channel) -> list[str]:
    """What the newest edit on its way to the channel says has come of its message."""
    async with office.services.database.read() as connection:
        statement = (
            select(rows)
            .join(receiver, receiver.c.id == rows.c.receiver_id)
            .where(rows.c.action == "edit", receiver.c.address == office.place(channel).address)
        )
        edits = list(await connection.execute(statement.order_by(rows.c.id)))
    return list(mark_lines(edits[-1].facts["marks"])) if edits else []


def text_of(message: Message | Mapping[str, Any]) -> str:
    """All that a message says, its blocks too, without the marks that keep it from calling."""
    text, blocks = (
        (message.text, message.blocks)
        if isinstance(message, Message)
        else (message.get("text", ""), message.get("blocks", []))
    )
    return f"{text}\n{_texts(blocks)}".replace("\u200b", "")


def _texts(part: Any) -> str:
    if isinstance(part, Mapping):
        inner = [_texts(value) for key, value in part.items() if key not in _UNSEEN]
        return "\n".join(filter(None, inner))
    if isinstance(part, list):
        return "\n".join(filter(None, map(_texts, part)))
    return part if isinstance(part, str) else ""
