"""Which channels of a workspace somebody may hear of: those they are in, and the public ones."""

from dataclasses import dataclass

from bot.model.receiver import Receiver
from bot.surfaces.slack import known
from bot.surfaces.slack.channels import members_channels
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.people import person_of
from bot.surfaces.slack.places import channel_of, is_direct

_SECONDS = 60.0
_PAGE, _PAGES = 200, 10


class UnknownChannelsError(Exception):
    """Slack did not say which channels there are, so none may be shown."""


@dataclass(frozen=True, slots=True)
class Visible:
    """Ids of channels: those that somebody is in, and public ones that the bot is in."""

    own: frozenset[str]
    public: frozenset[str]

    def is_own(self, receiver: Receiver) -> bool:
        """Whether the person is in the receiver's channel."""
        return channel_of(receiver) in self.own

    def may_hear(self, receiver: Receiver) -> bool:
        """Whether the person may know what is followed in the receiver's channel."""
        return channel_of(receiver) in self.own | self.public


async def visible_to(slack: Slack, team: str, user: str, dm: str) -> Visible:
    """What the user may hear of; `dm` is their own conversation with the bot, "" for unknown.

    Raises UnknownChannelsError or what the client raises where Slack cannot be asked.
    """
    own = await members_channels(slack, team, user)
    if own is None:
        raise UnknownChannelsError
    person = await person_of(slack, team, user)
    # Guests, and people of other workspaces, see no channel that they are not in.
    public = await _public(slack, team) if person.team == team and not person.guest else set()
    return Visible(frozenset({*own, dm} if is_direct(dm) else own), frozenset(public))


async def _public(slack: Slack, team: str) -> set[str]:
    key = ("public", team, "")
    found: set[str] | None = known.recall(slack, key)
    if found is not None:
        return found
    client, found, cursor = (await slack.workspaces.of(team)).client, set(), ""
    for _page in range(_PAGES):
        said = await client.users_conversations(
            types="public_channel", exclude_archived=True, limit=_PAGE, cursor=cursor
        )
        found.update(str(one["id"]) for one in said["channels"])
        cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    known.remember(slack, key, found, _SECONDS)
    return found
