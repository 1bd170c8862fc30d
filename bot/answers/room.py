"""/room: a channel on Discord and one on Slack, linked by a code that both sides agree to."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.room_words import STAYS, UNREACHABLE, linked_text, things, waiting
from bot.answers.rules import MOST_ALERTS
from bot.answers.shared import Delta, missing
from bot.answers.sharing import agree, apply, kept_of, twin_of
from bot.answers.targets import channel_of
from bot.cycle.facts import note_facts
from bot.errors import UserError
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.model.room import (
    CODE_LASTS,
    CONFIRM_WITHIN,
    MOST_TRIES,
    SURFACES,
    Room,
    called,
    can_link,
    digest_of,
    new_code,
    other_surface,
    person,
    surface_name,
    typed_on,
)
from bot.model.story import Action
from bot.model.wording import moment, span
from bot.services import Request
from storage import controls, outbox, receivers, rooms

_SAME = "Linked, both get the same alerts and news, and a silence set in one holds in both."


async def invite(request: Request) -> Card:
    """Make a code for this channel, which the other side gives."""
    _refuse_elsewhere(request)
    code = new_code(request.services.random)

    async def work(connection: AsyncConnection) -> None:
        here = await channel_of(connection, request)
        await _refuse_linked(connection, here)
        by = person(request.asker, here, await _community(connection, request, here))
        until = request.now + CODE_LASTS
        await rooms.invite(connection, here.id, digest_of(code), by, request.now, until)

    await request.services.database.write(work)
    other = other_surface(request.receiver)
    join_there = typed_on(other, f"room join {code}")
    return Card(
        title=f"The code is {code}",
        text=f"Type {join_there} in the channel on {SURFACES[other]} within {span(CODE_LASTS)}; "
        f"this channel is then asked to agree. It works once. {_SAME}",
        facts={"code": code, "until": (request.now + CODE_LASTS).isoformat()},
    )


async def join(request: Request) -> Card:
    """Give the code of a channel on the other platform: that channel is asked to agree."""
    _refuse_elsewhere(request)
    now = request.now

    async def work(connection: AsyncConnection) -> Room | None:
        here = await channel_of(connection, request)
        await _refuse_linked(connection, here)
        found = await rooms.by_code(connection, digest_of(str(request.options["code"])), now)
        tries = await rooms.wrong_tries(connection, here.id, now - CODE_LASTS)
        if found is None or tries >= MOST_TRIES:
            await rooms.record_wrong(connection, here.id, now)
            return None
        if found.inviter.surface == here.surface:
            made, other = surface_name(here), SURFACES[other_surface(here)]
            raise UserError(
                f"That code was made on {made} too; a channel on {made} is linked with one on "
                f"{other}, so give it there."
            )
        by = person(request.asker, here, await _community(connection, request, here))
        until = now + CONFIRM_WITHIN
        await rooms.join(connection, found.id, here.id, by, until)
        ends = moment(until, await _zone(connection, found.inviter))
        await _tell(
            connection,
            request,
            found.inviter,
            f"{called(here)} asks to be linked with this channel",
            f"Asked by {by}, who gave the code that was made here.\n{_SAME}\nType /room confirm to "
            f"agree, or /room leave to refuse; unanswered it lapses on {ends}.",
        )
        return found

    found = await request.services.database.write(work)
    if found is None:  # raised only now, so that the try is on record
        again = typed_on(other_surface(request.receiver), "room invite")
        raise UserError(
            f"That code is not valid, or not any more; type {again} in the other channel for a "
            "new one."
        )
    agree_there = typed_on(found.inviter.surface, "room confirm")
    return Card(
        title=f"{called(found.inviter)} is asked to be linked with this channel",
        text=f"Invited by {found.invited_by}. Somebody who may manage that channel types "
        f"{agree_there} there, within {span(CONFIRM_WITHIN)}. Take it back with /room leave."
        f"{_unless_reached(found.inviter)}",
        facts={"asked": called(found.inviter)},
    )


async def confirm(request: Request) -> Card:
    """Agree to what was asked: the channels are linked, and each gets what the other has."""
    _refuse_elsewhere(request)

    async def work(connection: AsyncConnection) -> Card:
        here = await channel_of(connection, request)
        await _refuse_linked(connection, here)
        found = await rooms.proposal_of(connection, here.id, request.now)
        there = _asking(found, here)
        assert found is not None
        ours = await kept_of(connection, here.id, request.now)
        theirs = await kept_of(connection, there.id, request.now)
        to_here, to_there = missing(ours, theirs), missing(theirs, ours)
        for side, more in ((here, to_here), (there, to_there)):
            await _refuse_many(connection, side, more)
        await rooms.link(connection, found, request.now)
        await apply(connection, request.services, to_here, there, here, request.now)
        await apply(connection, request.services, to_there, here, there, request.now)
        for key, mine in ours.subscriptions.items():
            if key in theirs.subscriptions:
                other = theirs.subscriptions[key]
                await agree(connection, request.services, mine, other, request.now)
        await _tell(
            connection,
            request,
            there,
            f"This channel is linked with {called(here)}",
            linked_text(to_there, to_here, theirs),
        )
        return Card(
            title=f"Linked with {called(there)}",
            text=f"Asked by {found.joined_by}.\n{linked_text(to_here, to_there, ours)}"
            f"{_unless_reached(there)}",
            facts={
                "linked": called(there),
                "added": len(to_here.added),
                "silences": len(to_here.silenced),
                "added_there": len(to_there.added),
                "silences_there": len(to_there.silenced),
                "staying": ours.staying,
            },
        )

    return await request.services.database.write(work)


async def show(request: Request) -> Card:
    """Which channel this one is linked with, or is about to be."""
    _refuse_elsewhere(request)
    given = request.receiver
    async with request.services.database.read() as connection:
        here = await receivers.find_receiver(connection, given.surface, given.address)
        room = None if here is None else await rooms.room_of(connection, here.id)
        asked = None
        if here is not None and room is None:
            asked = await rooms.proposal_of(connection, here.id, request.now)
        if here is not None and room is not None and (there := room.other(here.id)) is not None:
            zone = await _zone(connection, here)
            both = len((await kept_of(connection, here.id, request.now)).subscriptions)
            since = moment(room.linked_at or request.now, zone)
            lines = [
                f"Since {since}; invited by {room.invited_by}, asked by {room.joined_by}.",
                f"Both get {things(both)}. {STAYS}",
                "End it with /room leave.",
            ]
            if there.disabled_reason is not None:
                lines.insert(1, UNREACHABLE)
            title = f"Linked with {called(there)}"
            return Card(title=title, text="\n".join(lines), facts={"linked": called(there)})
    if here is None or asked is None:
        return Card(
            title="This channel is not linked",
            text="A channel on Discord and one on Slack can be told the same: type /room invite "
            f"here, {typed_on(other_surface(given), 'room join')} and the code in the other, then "
            "/room confirm here.",
            facts={"linked": None},
        )
    return Card(title=waiting(asked, here), text=_SAME, facts={"linked": None})


async def leave(request: Request) -> Card:
    """End the link, or take back or refuse what was asked; the other side is told."""
    _refuse_elsewhere(request)

    async def work(connection: AsyncConnection) -> Card:
        here = await channel_of(connection, request)
        room = await rooms.room_of(connection, here.id)
        if room is not None and (there := room.other(here.id)) is not None:
            await rooms.leave(connection, room.id)
            title = f"{called(here)} is no longer linked with this channel"
            keeps = "Each channel keeps what it has; what changes in one stays there from now on."
            await _tell(connection, request, there, title, keeps)
            return Card(title=f"No longer linked with {called(there)}", text=keeps)
        asked = await rooms.proposal_of(connection, here.id, request.now)
        if asked is None:
            raise UserError("This channel is not linked; /room invite makes a code to link it.")
        await rooms.leave(connection, asked.id)
        there_or_none = asked.other(here.id)
        if there_or_none is None:
            return Card(title="The code of this channel is no longer valid")
        title = f"{called(here)} was not linked with this channel"
        again = "It was refused or taken back; /room invite begins anew."
        await _tell(connection, request, there_or_none, title, again)
        return Card(title=f"Not linked with {called(there_or_none)}", text="It has been told so.")

    return await request.services.database.write(work)


def _refuse_elsewhere(request: Request) -> None:
    if not can_link(request.receiver):
        raise UserError(
            "Only channels on Discord or Slack can be linked; type this in one of them."
        )


async def _refuse_linked(connection: AsyncConnection, here: Receiver) -> None:
    there = await twin_of(connection, here.id)
    if there is not None:
        raise UserError(
            f"This channel is linked with {called(there)}, and with one only; /room leave ends "
            "that."
        )


def _asking(found: Room | None, here: Receiver) -> Receiver:
    """The channel that asks to be linked with this one. Raises UserError where none does."""
    if found is None:
        raise UserError("Nobody asks to be linked with this channel; /room invite makes a code.")
    if found.joiner is None:
        raise UserError(
            "Nobody has given this channel's code yet; type "
            f"{typed_on(other_surface(here), 'room join')} and the code in the other channel first."
        )
    if found.joiner.id == here.id:
        raise UserError(
            "The other side agrees to it: type "
            f"{typed_on(found.inviter.surface, 'room confirm')} in {called(found.inviter)}."
        )
    return found.joiner


async def _refuse_many(connection: AsyncConnection, side: Receiver, more: Delta) -> None:
    """Raise UserError where the two together are more than a channel may have."""
    total = len(await receivers.subscriptions(connection, side.id)) + len(more.added)
    if more.added and total > MOST_ALERTS:
        raise UserError(
            f"Together the two channels have {total} alerts and subscriptions, and a channel has "
            f"at most {MOST_ALERTS}; remove some in either and confirm again."
        )


async def _community(connection: AsyncConnection, request: Request, here: Receiver) -> str:
    """How people call the server or workspace that a channel belongs to; "" for none."""
    if request.receiver.community_name or not here.community:
        return request.receiver.community_name
    named = ""
    if here.surface == "slack":
        named = await rooms.workspace_name(connection, here.community)
    return named or here.community


def _unless_reached(there: Receiver) -> str:
    return "" if there.disabled_reason is None else f"\n{UNREACHABLE}"


async def _zone(connection: AsyncConnection, side: Receiver) -> str:
    return (await controls.wishes(connection, [side.id]))[side.id].time_zone


async def _tell(
    connection: AsyncConnection, request: Request, to: Receiver, title: str, text: str
) -> None:
    """A note to the other channel, through the outbox as all messages."""
    facts, services = note_facts(title, text), request.services
    await outbox.enqueue(
        connection, to.id, services.nonce(), Action.POST, facts, title, request.now
    )
