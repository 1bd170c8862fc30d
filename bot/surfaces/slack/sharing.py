"""The Share button under a private answer: the same question, answered for everybody there."""

from typing import Any

from slack_sdk.errors import SlackApiError

from bot.cards import to_slack
from bot.errors import UserError
from bot.surfaces.slack.commands import Asked, read, told
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.replying import RefusedBySlack, Reply
from bot.surfaces.slack.wording import card_for_slack
from bot.surfaces.slack.workspaces import code_of

NOTHING = "There is nothing here to share; ask the command again."
# The bot cannot post by itself where it is not, but can answer a press there.
_OUTSIDE = ("not_in_channel", "channel_not_found", "is_archived", "restricted_action")


async def share(slack: Slack, asked: Asked, line: str, reply: Reply) -> None:
    """Ask `line` again and post the answer for all; raises UserError. The private answer stays."""
    parsed = read(line or "")
    if parsed.command.guarded(parsed.options):
        raise UserError(NOTHING)
    rendered = to_slack.answer(card_for_slack(await told(slack, asked, parsed)))
    picture = await reply.picture(rendered.chart)
    by = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"Shared by <@{asked.user}>"}]}
    refused = await _post(slack, asked, rendered.text, [*rendered.with_chart(picture), by], reply)
    if refused and picture is not None:  # the chart can be what Slack does not take
        refused = await _post(slack, asked, rendered.text, [*rendered.with_chart(None), by], reply)
    if refused:
        raise RefusedBySlack(refused)


async def _post(
    slack: Slack, asked: Asked, text: str, blocks: list[dict[str, Any]], reply: Reply
) -> str:
    client = (await slack.workspaces.of(asked.team)).client
    try:
        await client.chat_postMessage(
            channel=asked.channel, text=text, blocks=blocks, unfurl_links=False, unfurl_media=False
        )
    except SlackApiError as error:
        code = code_of(error) or "refused"
        return await reply.send(text, blocks, private=False) if code in _OUTSIDE else code
    return ""
