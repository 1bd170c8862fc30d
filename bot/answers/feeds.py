"""/feeds list and health: what is read for new models, and how each feed does."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.alert import zone_of
from bot.answers.releases import lab_key
from bot.cards.feeds import Standing, feed_name, health_card, lab_card, list_card
from bot.errors import UserError
from bot.model.card import Card
from bot.model.feed import Feed
from bot.releases.sources import load_feeds
from bot.services import Request
from storage import feeds
from storage.feeds import FeedState


async def list_feeds(request: Request) -> Card:
    """What is read, by lab; of one lab, feed by feed."""
    async with request.services.database.read() as connection:
        states = await visible(connection, request)
    found = [state.feed for state in states.values() if state.off_at is None]
    labs, lab = request.services.releases.labs, request.options.get("lab")
    if lab is None:
        return list_card(found, labs, request.receiver.kind)
    key = lab_key(lab, request)
    mine = [one for one in found if one.lab == key]
    name = labs[key].name
    if not mine:
        raise UserError(
            f"No feed of {name}'s own is read; its models are found in lists of all labs' models."
        )
    return lab_card(mine, name, request.receiver.kind)


async def health(request: Request) -> Card:
    """How each feed does: when last well, when last new, or since when it fails and why."""
    async with request.services.database.read() as connection:
        states = list((await visible(connection, request)).values())
        zone = await zone_of(connection, request)
    if request.options.get("lab") is not None:
        key = lab_key(request.options["lab"], request)
        states = [one for one in states if one.feed.lab == key]
    if not states:
        raise UserError("No such feed is read; /feeds list shows those that are.")
    reading = request.services.settings.feeds.enabled
    return health_card([standing(one) for one in states], request.now, zone, reading=reading)


def standing(state: FeedState) -> Standing:
    """How a feed does, as cards show it."""
    return Standing(
        state.feed,
        state.ok_at,
        state.changed_at,
        state.next_at,
        state.failing_since,
        state.off_at,
        state.detail,
    )


async def visible(connection: AsyncConnection, request: Request) -> Mapping[str, FeedState]:
    """The feeds that a channel may know of, by what they are called: shipped, and its own.

    One that is shipped and was never looked at is there all the same.
    """
    shipped = load_feeds()
    stored = {one.feed.key: one for one in await feeds.feeds(connection, owner="")}
    found = [
        replace(stored[key], feed=item) if key in stored else FeedState(item, request.now)
        for key, item in shipped.items()
    ]
    found += await feeds.feeds(connection, owner=request.receiver.owner)
    return {feed_name(one.feed): one for one in found}


def named(text: str, found: Mapping[str, FeedState]) -> Feed | None:
    """The feed that people call so, by name or title; None where there is none."""
    wanted = text.strip().lower()
    for name, state in found.items():
        if wanted in (name.lower(), state.feed.title.lower()):
            return state.feed
    return None
