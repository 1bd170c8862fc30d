"""Who somebody is, and whether they may change what a channel gets."""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.surfaces.slack import known
from bot.surfaces.slack.channels import with_bot_alone
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.places import SURFACE, address_of, channel_of, is_direct, place
from bot.surfaces.slack.workspaces import code_of
from storage import receivers

log = logging.getLogger(__name__)
NOT_ALLOWED = (
    "Only workspace admins and whoever set this channel up may change what it gets; "
    "ask one of them."
)
NOT_LISTED = (
    "Only the people whom the bot's settings name may change what channels get; ask one of them."
)
OF_ALL = (
    "Baskets and feeds are the whole workspace's, so only its admins may change them; "
    "ask one of them."
)
OF_ALL_LISTED = (
    "Baskets and feeds are the whole workspace's, so only the people whom the bot's settings name "
    "may change them; ask one of them."
)
UNKNOWN = (
    "Slack does not say who you are just now; try again in a minute. If that lasts, have an admin "
    "install the app again."
)
_SECONDS = 600.0
_FAILED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    """`name` as others see it, "" where it is not known; `team` is their own workspace.

    A `guest` is of the workspace, but sees only the channels that they are in.
    """

    name: str = ""
    admin: bool = False
    team: str = ""
    guest: bool = False


@dataclass(frozen=True, slots=True)
class SetUp:
    """`by` is the user id of whoever set the channel up, "" for nobody."""

    by: str = ""
    follows: bool = False


NOBODY = Person()
# What nobody in particular has set up, and what is in use.
EVERYBODYS = SetUp(follows=True)


def allowed(user: str, person: Person, team: str, managers: Collection[str], set_up: SetUp) -> bool:
    """Whether somebody may change what a channel of the workspace `team` gets.

    People of another workspace never; with `managers` only those; else workspace admins, whoever
    set the channel up, and anybody where nobody has and nothing is told there yet. Guests only
    where `managers` names them, whatever they set up before.
    """
    if person.team != team:
        return False
    if managers:
        return user in managers
    if person.guest:
        return False
    if user == set_up.by or person.admin:
        return True
    return not set_up.by and not set_up.follows


async def may_manage(slack: Slack, team: str, channel: str, user: str, user_team: str) -> bool:
    """Whether the user may change what the channel gets; in a direct message with the bot, always.

    `user_team` is the workspace that the request says the user is of; "" where it does not. Raises
    UserError where it depends on who they are, which Slack does not say.
    """
    person = await person_of(slack, team, user)
    if (user_team or person.team) == team and await with_bot_alone(slack, team, channel):
        return True
    return _may(slack, team, user, user_team, person, await _set_up(slack, team, channel))


async def may_manage_all(slack: Slack, team: str, user: str, user_team: str) -> bool:
    """Whether the user may change what the whole workspace has, wherever they ask for it.

    Those whom the settings name, else admins. Raises UserError where Slack does not say who they
    are.
    """
    person = await person_of(slack, team, user)
    if person is NOBODY and user_team in ("", team) and not slack.services.settings.slack.managers:
        raise UserError(UNKNOWN)  # it may be an admin
    return _may(slack, team, user, user_team, person, EVERYBODYS)


def _may(slack: Slack, team: str, user: str, user_team: str, person: Person, set_up: SetUp) -> bool:
    admin = person.admin and person.team in ("", team)
    known_as = Person(person.name, admin, user_team or person.team, person.guest)
    managers = slack.services.settings.slack.managers
    may = allowed(user, known_as, team, managers, set_up)
    if may and person is NOBODY and not managers and user != set_up.by:
        raise UserError(UNKNOWN)  # it may be a guest
    return may


def person_key(team: str, user: str) -> str:
    """The key of a person of a workspace, for what one may ask only so often."""
    return f"{SURFACE}/{team}/{user}"


def refusal(slack: Slack) -> str:
    """What to say to somebody who may not."""
    return NOT_LISTED if slack.services.settings.slack.managers else NOT_ALLOWED


def refusal_of_all(slack: Slack) -> str:
    """What to say to somebody who may not change what the whole workspace has."""
    return OF_ALL_LISTED if slack.services.settings.slack.managers else OF_ALL


async def claim(slack: Slack, place: Receiver, user: str) -> None:
    """The user has set the channel up, unless somebody else has before."""
    if is_direct(channel_of(place)):
        return
    async with slack.services.database.read() as connection:
        found = await receivers.find_receiver(connection, place.surface, place.address)
        if found is None or await receivers.set_up_by(connection, found.id):
            return
    key = found.id
    await slack.services.database.write(lambda c: receivers.claim_set_up(c, key, user))


async def set_up_of(slack: Slack, team: str, user: str) -> frozenset[int]:
    """The ids of the workspace's channels that are given up and that the user has set up."""
    async with slack.services.database.read() as connection:
        every = await receivers.fellows(connection, place(team, "", ""))
        closed = [one.id for one in every if one.disabled_reason is not None]
        return frozenset(
            [key for key in closed if await receivers.set_up_by(connection, key) == user]
        )


async def asker_name(slack: Slack, team: str, user: str) -> str:
    """How the workspace calls the user; "" where it is not known."""
    return (await person_of(slack, team, user)).name


async def person_of(slack: Slack, team: str, user: str) -> Person:
    """What Slack says of the user; NOBODY in particular where it cannot be asked."""
    key = ("person", team, user)
    found: Person | None = known.recall(slack, key)
    if found is not None:
        return found
    try:
        workspace = await slack.workspaces.of(team)
        said = (await workspace.client.users_info(user=user))["user"]
    except SlackApiError as error:
        _say_once(slack, team, code_of(error))
        known.remember(slack, key, NOBODY, _FAILED_SECONDS)
        return NOBODY
    except known.BROKEN as error:
        _say_once(slack, team, type(error).__name__)
        return NOBODY
    profile = said.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or said.get("real_name")
    found = Person(
        name=str(name or said.get("name") or ""),
        admin=any(said.get(key) for key in ("is_admin", "is_owner", "is_primary_owner")),
        team=str(said.get("team_id") or ("" if said.get("is_stranger") else team)),
        guest=any(said.get(key) for key in ("is_restricted", "is_ultra_restricted")),
    )
    known.remember(slack, key, found, _SECONDS)
    return found


async def _set_up(slack: Slack, team: str, channel: str) -> SetUp:
    async with slack.services.database.read() as connection:
        found = await receivers.find_receiver(connection, SURFACE, address_of(team, channel))
        if found is None:
            return SetUp()
        by = await receivers.set_up_by(connection, found.id)
        return SetUp(by, bool(await receivers.subscriptions(connection, found.id)))


def _say_once(slack: Slack, team: str, why: str) -> None:
    """Log why people cannot be told apart, not for each of them."""
    key = ("said", team, why)
    if known.recall(slack, key) is None:
        known.remember(slack, key, why, _SECONDS)
        log.warning("Slack did not say who somebody is (%s); they count as no admin", why)
