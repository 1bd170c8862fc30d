"""Why a message was told, for whoever asks by its button or by the shortcut on it."""

from bot.answers import pressed
from bot.commands import COMMANDS
from bot.services import Request
from bot.surfaces.answering import refuse_too_many
from bot.surfaces.slack.channels import with_bot_alone
from bot.surfaces.slack.commands import Asked
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.places import SURFACE, address_of
from bot.surfaces.slack.replying import Reply


async def explain(slack: Slack, asked: Asked, nonce: str, reply: Reply) -> None:
    """Say why the message of that nonce was told; raises UserError."""
    from bot.answers.why import why  # not before it is asked: it is slow

    services = slack.services
    refuse_too_many(services, asked.person, services.clock.now())
    address = address_of(asked.team, asked.channel)
    told = await pressed.told(services, nonce, SURFACE, address)
    request = Request({}, services, told.receiver, services.clock.now(), COMMANDS)
    private = not await with_bot_alone(slack, asked.team, asked.channel)
    await reply.show(await why(request, told), private=private)
