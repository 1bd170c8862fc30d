"""The Home tab: published when somebody opens it, presses Refresh, or has added something."""

import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.errors import UserError
from bot.surfaces.answering import refuse_too_many
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.dialog_views import Origin, said_view
from bot.surfaces.slack.home_view import REFRESH, home_view
from bot.surfaces.slack.known import BROKEN
from bot.surfaces.slack.people import person_key
from bot.surfaces.slack.workspaces import code_of

TITLE = "Home"
log = logging.getLogger(__name__)


def register(app: AsyncApp, slack: Slack) -> None:
    """Answer who opens or refreshes the tab."""

    @app.event("app_home_opened")
    async def opened(event: Mapping[str, Any], context: AsyncBoltContext) -> None:
        if event.get("tab") == "home":
            dm, team, user = str(event.get("channel") or ""), str(context.team_id), event["user"]
            try:
                _count(slack, team, str(user))
            except UserError:  # Slack shows the tab as it was; there is no place to say more
                return
            await publish(slack, team, str(user), dm)

    @app.action(REFRESH)
    async def refreshed(ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        team, user = str(context.team_id), str(context.user_id)
        try:
            _count(slack, team, user)
        except UserError as error:
            await _say(slack, team, str(body["trigger_id"]), str(error))
            return
        await publish(slack, team, user, origin_of(body).dm)


def _count(slack: Slack, team: str, user: str) -> None:
    refuse_too_many(slack.services, person_key(team, user), slack.services.clock.now())


async def _say(slack: Slack, team: str, trigger: str, sentence: str) -> None:
    """Say something to whoever pressed on the tab, which has no place for it: in a dialog."""
    try:
        client = (await slack.workspaces.of(team)).client
        await client.views_open(trigger_id=trigger, view=said_view(TITLE, sentence))
    except SlackApiError as error:
        log.warning("a dialog could not be opened: %s", code_of(error))
    except BROKEN as error:
        log.warning("a dialog could not be opened: %s", type(error).__name__)


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
    from bot.surfaces.slack.home_reading import read_home  # not before it is asked: it is slow

    view = home_view(await read_home(slack, team, user, dm), Origin(dm=dm).text())
    try:
        client = (await slack.workspaces.of(team)).client
        await client.views_publish(user_id=user, view=view)
    except SlackApiError as error:
        log.warning("a Home tab could not be shown: %s", code_of(error))
    except BROKEN as error:
        log.warning("a Home tab could not be shown: %s", type(error).__name__)
