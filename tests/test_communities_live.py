"""Two servers and two workspaces of one running program: nothing of one reaches another."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select

from bot.commands import COMMANDS
from bot.config import load
from bot.services import Services
from bot.surfaces.slack.vault import Vault, new_key
from storage import slack_installs
from storage.schema import basket, feed, guild, held_news, receiver, silence, subscription
from storage.slack_installs import SlackInstall
from tests.conftest import START
from tests.living import live, with_history
from tests.servers.discord import DiscordServer, pointed_at, running
from tests.servers.discord.options import NotOfferedError
from tests.servers.slack import SlackServer
from tests.servers.slack import running as slack_running

SCOPES = "chat:write,commands,files:write,channels:read,users:read"
# What each sets up, in words that only it says.
SET_UP: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("basket add", {"name": "{own}chips", "symbols": "NVDA,AMD"}),
    ("alert add", {"target": "{own}chips"}),
    ("subscribe releases", {"keywords": "{own}word"}),
    ("silence add", {"what": "{own}chips", "for": "90d"}),
)
# What people type; {other} is a word of another community's, N the number of a thing of its.
TYPED: tuple[tuple[str, Mapping[str, Any]], ...] = (
    *SET_UP,
    ("basket show", {"name": "{other}chips"}),
    ("basket remove", {"name": "{other}chips"}),
    ("drawdown", {"target": "{other}chips"}),
    ("alert add", {"target": "{other}chips"}),
    ("alert list", {}),
    ("alert remove", {"number": "N"}),
    ("alert explain", {"target": "NVDA"}),
    ("subscribe list", {}),
    ("subscribe remove", {"number": "N"}),
    ("silence add", {"what": "{other}chips", "for": "1d"}),
    ("silence list", {}),
    ("silence remove", {"number": "N"}),
    ("feeds list", {}),
    ("feeds remove", {"name": "{other}.example"}),
    ("channel", {}),
    ("status", {}),
    ("releases search", {"words": "{other}word"}),
)
KNOWN = {" ".join(one.path) for one in COMMANDS}
OFFERED = [one for one in TYPED if one[0] in KNOWN]
ACTS = st.tuples(
    st.integers(0, 3), st.booleans(), st.sampled_from(OFFERED), st.integers(0, 3),
    st.integers(1, 12),
)  # fmt: skip
Act = tuple[int, bool, tuple[str, Mapping[str, Any]], int, int]


@dataclass
class Side:
    """One server or workspace: its channel, one who may change things and one who may not."""

    surface: str
    mark: str
    key: str
    channel: Any
    owner: Any
    member: Any


@dataclass
class Beside:
    """All four, and the program that they share."""

    services: Services
    discord: DiscordServer
    slack: SlackServer
    url: str
    sides: list[Side] = field(default_factory=list)

    async def say(self, side: Side, owner: bool, path: str, values: Mapping[str, Any]) -> str:
        """What a command is answered with, as the asker sees it; "" where it is not offered."""
        by = side.owner if owner else side.member
        if side.surface == "discord":
            try:
                asked = self.discord.interact(path, dict(values), by=by, where=side.channel)
            except NotOfferedError:
                return ""
            answer = await asked.response(30)
            return f"{answer.content} {answer.payload}"
        typed = " ".join([path, *(f'{name}="{value}"' for name, value in values.items())])
        command = await self.slack.command(typed, user=by, channel=side.channel, via=self.url)
        return str(await command.response(seconds=30))

    async def rows(self, side: Side) -> list[str]:
        """Every row that is that side's."""
        mine = (receiver.c.surface == side.surface) & (receiver.c.community == side.key)
        ids, owner = select(receiver.c.id).where(mine), f"{side.surface}:{side.key}"
        statements: list[Select[Any]] = [
            select(receiver).where(mine).order_by(receiver.c.id),
            select(basket).where(basket.c.owner == owner).order_by(basket.c.name),
            select(feed).where(feed.c.owner == owner).order_by(feed.c.key),
            select(guild).where(guild.c.id == side.key),
        ]
        statements += [
            select(table).where(table.c.receiver_id.in_(ids)).order_by(table.c.id)
            for table in (subscription, silence, held_news)
        ]
        async with self.services.database.read() as connection:
            return [repr(row) for one in statements for row in await connection.execute(one)]

    async def play(self, acts: list[Act]) -> None:
        """Everybody types: nothing of others is said, and nothing of theirs has changed."""
        for who, owner, (path, given_), aimed, number in acts:
            side, other = self.sides[who], self.sides[aimed]
            values = {
                name: number if value == "N" else value.format(own=side.mark, other=other.mark)
                for name, value in given_.items()
            }
            before = [await self.rows(each) for each in self.sides]
            said = (await self.say(side, owner, path, values)).lower()
            typed = str(values)
            assert "went wrong" not in said, (path, values)
            for each, rows in zip(self.sides, before, strict=True):
                if each is not side:
                    assert each.mark not in said or each.mark in typed, (path, values, said)
                    assert str(each.channel.id).lower() not in said, (path, values, said)
                    assert await self.rows(each) == rows, (path, values)
                elif not owner and path.split()[-1] in ("add", "remove", "releases"):
                    assert await self.rows(each) == rows, (path, values)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def _beside(folder: Path, whole_file: Path) -> AsyncIterator[Beside]:
    folder = with_history(folder, whole_file)
    key, port = new_key(), _free_port()
    async with running(DiscordServer()) as server, slack_running(SlackServer()) as slack:
        sides = []
        for mark in ("zqaaa", "zqbbb"):
            boss = server.add_user(f"{mark}-boss")
            one = server.add_guild(f"{mark} House", owner=boss)
            member = one.add_member(server.add_user(f"{mark}-member"))
            channel: Any = one.add_channel(f"{mark}-room")
            sides.append(Side("discord", mark, str(one.id), channel, one.members[boss.id], member))
        for mark, team in (("zqccc", slack.workspace), ("zqddd", slack.add_workspace("Shops"))):
            team.name = f"{mark} House"
            ann, guest = team.add_user(f"{mark}-ann", admin=True), team.add_user(f"{mark}-bob")
            channel = team.add_channel(f"{mark}-room", ann)
            channel.members.add(guest.id)
            sides.append(Side("slack", mark, team.team, channel, ann, guest))
        environ = {
            "AFTERSHOCK_DATA": str(folder), "XDG_CONFIG_HOME": str(folder),
            "AFTERSHOCK_MARKET__SOURCE": "shipped",
            "AFTERSHOCK_DISCORD_TOKEN": server.token,
            "AFTERSHOCK_DISCORD__API_URL": server.api_url,
            "AFTERSHOCK_SLACK__API_URL": slack.api_url,
            "AFTERSHOCK_SLACK__MODE": "http",
            "AFTERSHOCK_SLACK__LISTEN": f"127.0.0.1:{port}",
            "AFTERSHOCK_SLACK__CLIENT_ID": slack.client_id,
            "AFTERSHOCK_SLACK_CLIENT_SECRET": slack.client_secret,
            "AFTERSHOCK_SLACK_SIGNING_SECRET": slack.signing_secret,
            "AFTERSHOCK_SLACK_KEY": key,
        }  # fmt: skip
        with pointed_at(server):
            async with live(load(None, environ)) as services:
                for team in slack.workspaces.values():
                    sealed = Vault(key).seal(team.team, team.bot_token)
                    install = SlackInstall(
                        team.team, team.name, team.bot_user, sealed, SCOPES, "U1", START
                    )
                    await services.database.write(
                        lambda c, install=install: slack_installs.keep(c, install)  # type: ignore[misc]
                    )
                await server.ready()
                url = f"http://127.0.0.1:{port}/slack/events"
                found = Beside(services, server, slack, url, sides)
                for side in sides:
                    for path, values in SET_UP:
                        own = {name: str(v).format(own=side.mark) for name, v in values.items()}
                        said = await found.say(side, True, path, own)
                        assert side.mark in said.lower(), (side, path, said)
                    assert len(await found.rows(side)) >= 5
                yield found


async def _apart(folder: Path, whole_file: Path, examples: int, each: int) -> int:
    """Play so many sequences; how many commands there were."""
    played = 0
    async with _beside(folder, whole_file) as found:
        loop = asyncio.get_running_loop()

        @settings(
            max_examples=examples, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
        )  # fmt: skip
        @given(st.lists(ACTS, min_size=each, max_size=each))
        def holds(acts: list[Act]) -> None:
            nonlocal played
            asyncio.run_coroutine_threadsafe(found.play(acts), loop).result()
            played += len(acts)

        await asyncio.to_thread(holds)
    return played


async def test_nothing_reaches_another_server_or_workspace(
    tmp_path: Path, whole_file: Path
) -> None:
    assert await _apart(tmp_path, whole_file, 3, 8) == 24


@pytest.mark.faults
@pytest.mark.timeout(3000)
async def test_nothing_reaches_another_server_or_workspace_in_long(
    tmp_path: Path, whole_file: Path, figures: Any
) -> None:
    played = await _apart(tmp_path, whole_file, 60, 20)
    figures("communities over the wire", commands=played, told_of_others=0, changed_by_others=0)
