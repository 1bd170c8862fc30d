"""Adds what a dialog asks for, as its command would: where, who may, then the command's answer."""

from dataclasses import dataclass

from bot.errors import StorageError, UserError
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.surfaces.answering import answer, reopen
from bot.surfaces.slack import people
from bot.surfaces.slack.channels import channel_place, members_channels, refuse_mute
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.dialog_forms import EntryError, Form
from bot.surfaces.slack.dialog_parts import CHANNEL
from bot.surfaces.slack.dialog_views import Origin
from bot.surfaces.slack.places import is_direct

NO_CHANNEL = "Choose the channel that is to be told."
NOT_INSIDE = (
    "Choose a channel that both you and Aftershock are in; to add it to one, type /invite there "
    "and choose Aftershock."
)
UNKNOWN = "Slack did not say just now which channels you are in; send this again in a minute."
NOT_OWN = (
    "Aftershock cannot post in that conversation; choose a channel, or type the command in your "
    "own conversation with Aftershock."
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent a dialog. `team` is the workspace, `home` the one that the user is of."""

    team: str
    user: str
    home: str
    origin: Origin


async def add(slack: Slack, form: Form, asker: Asker) -> Card:
    """The answer of the form's command. Raises EntryError with what is wrong, at its input."""
    parsed = form.read()
    place = await _place(slack, form.channel, asker)
    try:
        await reopen(slack.services, place)
        card = await answer(
            parsed,
            slack.services,
            place,
            slack.services.clock.now(),
            asker=await people.asker_name(slack, asker.team, asker.user),
            person=people.person_key(asker.home or asker.team, asker.user),
        )
    except StorageError:  # nobody's entry is to blame
        raise
    except UserError as error:
        raise form.refused(error) from error
    await people.claim(slack, place, asker.user)
    return card


async def _place(slack: Slack, channel: str, asker: Asker) -> Receiver:
    """The channel that was chosen; nothing is said of one that the person is not in."""
    if not channel:
        raise EntryError(CHANNEL, NO_CHANNEL)
    if is_direct(channel):
        if channel != asker.origin.dm:
            raise EntryError(CHANNEL, NOT_OWN)
    else:
        own = await members_channels(slack, asker.team, asker.user)
        if own is None:
            raise EntryError(CHANNEL, UNKNOWN)
        if channel not in own:
            raise EntryError(CHANNEL, NOT_INSIDE)
    place = await channel_place(slack, asker.team, channel, "")
    try:
        await refuse_mute(slack, place)
    except UserError as error:
        raise EntryError(CHANNEL, str(error)) from error
    try:
        may = await people.may_manage(slack, asker.team, channel, asker.user, asker.home)
    except UserError as error:
        raise EntryError(CHANNEL, str(error)) from error
    if not may:
        raise EntryError(CHANNEL, people.refusal(slack))
    return place
