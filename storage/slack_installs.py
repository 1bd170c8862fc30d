"""The Slack workspaces that have installed the bot, and their channels when they come and go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import reach
from storage.database import put
from storage.schema import receiver, slack_install

SURFACE = "slack"
_COLUMNS = ("name", "bot_user", "token", "scopes", "installed_by", "installed_at")


@dataclass(frozen=True, slots=True)
class SlackInstall:
    """A workspace that has installed the bot; `token` is encrypted, `scopes` have commas between.

    `bot_user` and `installed_by` are user ids.
    """

    team: str
    name: str
    bot_user: str
    token: str = field(repr=False)
    scopes: str
    installed_by: str
    installed_at: datetime


async def keep(connection: AsyncConnection, install: SlackInstall) -> None:
    """Store an installation, in place of an earlier one of the workspace."""
    row = {name: getattr(install, name) for name in ("team", *_COLUMNS)}
    await put(connection, slack_install, [row], update=_COLUMNS)


async def install_of(connection: AsyncConnection, team: str) -> SlackInstall | None:
    """The workspace's installation, or None."""
    found = (
        await connection.execute(select(slack_install).where(slack_install.c.team == team))
    ).first()
    return None if found is None else SlackInstall(*found)


async def installs(connection: AsyncConnection) -> list[SlackInstall]:
    """Every installation."""
    found = await connection.execute(select(slack_install).order_by(slack_install.c.team))
    return [SlackInstall(*row) for row in found]


async def set_token(connection: AsyncConnection, team: str, token: str) -> None:
    """Store the same token as encrypted anew."""
    await connection.execute(
        update(slack_install).where(slack_install.c.team == team).values(token=token)
    )


async def remove(connection: AsyncConnection, team: str) -> None:
    """Forget an installation."""
    await connection.execute(delete(slack_install).where(slack_install.c.team == team))


async def close_channels(connection: AsyncConnection, team: str, why: str, now: datetime) -> None:
    """Send nothing more to the workspace's channels; what they are subscribed to stays."""
    statement = select(receiver.c.id).where(_is_of(team), receiver.c.disabled_at.is_(None))
    found = (await connection.execute(statement)).scalars().all()
    await reach.disable(connection, dict.fromkeys(found, (now, why)))


async def reopen_channels(
    connection: AsyncConnection, team: str, whys: Sequence[str], now: datetime
) -> None:
    """Send again to those of the workspace's channels that were closed for a reason that begins
    with one of `whys`.
    """
    reasons = [receiver.c.disabled_reason.startswith(why, autoescape=True) for why in whys]
    statement = select(receiver.c.id).where(_is_of(team), or_(*reasons))
    for key in (await connection.execute(statement)).scalars().all():
        await reach.enable(connection, key, now)


def _is_of(team: str) -> ColumnElement[bool]:
    address = receiver.c.address.startswith(f"{team}/", autoescape=True)
    return and_(receiver.c.surface == SURFACE, address)
