"""The dialogs that add an alert or a subscription: opened at once, answered within Slack's time.

What is entered takes the same way as what is typed. A mistake comes back at its own field. What
takes longer than Slack waits is shown as being added, and its outcome follows.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot.cards import to_slack
from bot.errors import UserError
from bot.surfaces.answering import plainly, what_failed
from bot.surfaces.slack import names
from bot.surfaces.slack.adding import Asker, add
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.dialog_forms import EntryError, form_of
from bot.surfaces.slack.dialog_parts import CHANNEL, texts_of
from bot.surfaces.slack.dialog_views import (
    ALERT,
    KIND,
    KIND_ACTION,
    SUBSCRIPTION,
    Origin,
    alert_view,
    done_view,
    said_view,
    subscription_view,
    waiting_view,
)
from bot.surfaces.slack.home import origin_of, publish
from bot.surfaces.slack.known import BROKEN
from bot.surfaces.slack.replying import Reply, answering
from bot.surfaces.slack.within import begin, within
from bot.surfaces.slack.wording import card_for_slack, for_slack
from bot.surfaces.slack.workspaces import code_of

log = logging.getLogger(__name__)
# Slack takes a dialog's answer within three seconds.
ACK_SECONDS = 2.0
NOT_OPENED = "Slack did not open the form; press the button again."
_TITLES = {names.ALERT_DIALOG: ALERT, names.SUBSCRIPTION_DIALOG: SUBSCRIPTION}
View = dict[str, Any]


def register(app: AsyncApp, slack: Slack) -> None:
    """Answer the buttons and the shortcut that open the dialogs, and the dialogs."""

    @app.action(names.ADD_ALERT)
    @app.shortcut(names.ALERT_SHORTCUT)
    async def alert(ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        await open_view(slack, str(context.team_id), body, alert_view(origin_of(body)))

    @app.action(names.ADD_SUBSCRIPTION)
    async def subscription(
        ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext
    ) -> None:
        await ack()
        view = subscription_view(origin_of(body), slack.services.releases.labs)
        await open_view(slack, str(context.team_id), body, view)

    @app.action(KIND_ACTION)
    async def other_kind(ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        view = body["view"]
        filled = {**texts_of(view["state"]["values"])}
        filled[KIND] = body["actions"][0]["selected_option"]["value"]
        asked = subscription_view(origin_of(body), slack.services.releases.labs, filled)
        await _update(slack, str(context.team_id), view["id"], asked)

    @app.view(names.ALERT_DIALOG)
    @app.view(names.SUBSCRIPTION_DIALOG)
    async def submitted(ack: AsyncAck, body: Mapping[str, Any], context: AsyncBoltContext) -> None:
        await answer_dialog(slack, str(context.team_id), body, ack)


async def open_view(slack: Slack, team: str, body: Mapping[str, Any], view: View) -> None:
    """Open a dialog for what was pressed, while its trigger is valid: three seconds.

    Where it does not open, whoever pressed a button under a message is told so; elsewhere Slack
    gives no place to say it.
    """

    async def opened() -> None:
        client = (await slack.workspaces.of(team)).client
        await client.views_open(trigger_id=str(body["trigger_id"]), view=view)

    url, channel = str(body.get("response_url") or ""), (body.get("channel") or {}).get("id")
    if not await _tried("a dialog could not be opened", opened) and url and channel:
        reply = Reply(slack, team, str(channel), str(body["user"]["id"]), url)
        async with answering(reply, "a dialog that did not open"):
            raise UserError(NOT_OPENED)


async def answer_dialog(slack: Slack, team: str, body: Mapping[str, Any], ack: AsyncAck) -> None:
    """Add what a dialog asks for, say so or what is wrong, and show the Home tab anew."""
    view, user = body["view"], body["user"]
    callback, origin = str(view["callback_id"]), origin_of(body)
    filled = texts_of(view["state"]["values"])
    form, title = form_of(callback, filled), _TITLES[callback]
    asker = Asker(team, str(user["id"]), str(user.get("team_id") or ""), origin)
    work = begin(add(slack, form, asker))
    late = not await within(ACK_SECONDS, work)
    if late:
        await ack(response_action="update", view=waiting_view(title))
    try:
        card = card_for_slack(await work)
        said, outcome = card.title, done_view(to_slack.answer(card).blocks)
    except UserError as error:
        said = for_slack(plainly(error, title))
        if not late:
            block = error.block if isinstance(error, EntryError) else CHANNEL
            await ack(response_action="errors", errors={block: said})
            return
        outcome = _again(slack, callback, origin, filled, said)
    except Exception as error:
        log.exception("%s failed", title)
        said = what_failed(error)
        outcome = said_view(title, said)
    if not late:
        await ack(response_action="update", view=outcome)
    elif not await _update(slack, team, str(view["id"]), outcome):
        await _whisper(slack, asker, form.channel, said)
    await publish(slack, team, asker.user, origin.dm)


def _again(
    slack: Slack, callback: str, origin: Origin, filled: Mapping[str, str], problem: str
) -> View:
    """The dialog with what was entered, and what was wrong with it."""
    if callback == names.ALERT_DIALOG:
        return alert_view(origin, filled, problem)
    return subscription_view(origin, slack.services.releases.labs, filled, problem)


async def _update(slack: Slack, team: str, view_id: str, view: View) -> bool:
    """Show something else in a dialog; False where it is closed."""

    async def updated() -> None:
        client = (await slack.workspaces.of(team)).client
        await client.views_update(view_id=view_id, view=view)

    return await _tried("a dialog could not be updated", updated)


async def _whisper(slack: Slack, asker: Asker, channel: str, said: str) -> None:
    """Tell somebody who has closed the dialog what came of it, in the channel that they chose."""

    async def told() -> None:
        client = (await slack.workspaces.of(asker.team)).client
        text = to_slack.sentence(said)
        await client.chat_postEphemeral(channel=channel, user=asker.user, text=text)

    await _tried("what came of a dialog could not be said", told)


async def _tried(what: str, call: Callable[[], Awaitable[None]]) -> bool:
    """Whether a call that nobody waits for was answered; what goes wrong is logged as `what`."""
    try:
        await call()
    except SlackApiError as error:
        log.warning("%s: %s", what, code_of(error))
        return False
    except BROKEN as error:
        log.warning("%s: %s", what, type(error).__name__)
        return False
    return True
