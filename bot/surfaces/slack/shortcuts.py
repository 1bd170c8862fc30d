"""The shortcut on a message: explain this alert."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot.errors import UserError
from bot.surfaces.slack import names
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.explaining import explain
from bot.surfaces.slack.pressing import nonce_in, press_of
from bot.surfaces.slack.replying import Reply, answering

NOT_OURS = "That message is no alert of Aftershock's; choose one that is, or type /alert explain."


def register(app: AsyncApp, slack: Slack) -> None:
    """Answer the shortcut that explains a message."""

    async def explained(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        press = press_of(body, context.team_id or "")
        asked = press.asked
        reply = Reply(slack, asked.team, asked.channel, asked.user, press.url, press.thread)
        async with answering(reply, "the shortcut on a message"):
            nonce = nonce_in(press.message)
            if not nonce:
                raise UserError(NOT_OURS)
            await explain(slack, asked, nonce, reply)

    app.message_shortcut(names.EXPLAIN_SHORTCUT)(explained)
