"""The Home tab: published when somebody opens it, presses Refresh, or has added something."""

import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.dialog_views import Origin
from bot.surfaces.slack.home_reading import read_home
from bot.surfaces.slack.home_view import REFRESH, home_view
from bot.surfaces.slack.known import BROKEN
from bot.surfaces.slack.workspaces import code_of

log = logging.getLogger(__name__)


def register(app: AsyncApp, slack: Slack) -> None:
    """Answer who opens or refreshes the tab."""

    @app.event("app_home_opened")
    async def opened(event: Mapping[str, Any], context: AsyncBoltContext) -> None:
        if event.get("tab") == "home":
            dm = str(event.get("channel") or "")
            await publish(slack, str(context.team_id), str(event["user"]), dm)

    @app.action(REFRESH)
    async def refreshed(ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        await publish(slack, str(context.team_id), str(context.user_id), origin_of(body).dm)


def origin_of(body: Mapping[str, Any]) -> Origin:
    """Where something was pressed: on a view, which carries it, or under a message."""
    if body.get("view"):
        return Origin.of(str(body["view"].get("private_metadata") or ""))
    channel = str((body.get("channel") or {}).get("id") or "")
    return Origin(channel, channel if channel.startswith("D") else "")


async def publish(slack: Slack, team: str, user: str, dm: str) -> None:
    """Show the user their tab as it stands now; `dm` is their own conversation with the bot.

    Nobody waits for an answer, so what goes wrong is only logged.
    """
    view = home_view(await read_home(slack, team, user, dm), Origin(dm=dm).text())
    try:
        client = (await slack.workspaces.of(team)).client
        await client.views_publish(user_id=user, view=view)
    except SlackApiError as error:
        log.warning("a Home tab could not be shown: %s", code_of(error))
    except BROKEN as error:
        log.warning("a Home tab could not be shown: %s", type(error).__name__)
