"""From the database to what an exported file holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import SECRETS, Settings
from bot.model.receiver import Receiver
from bot.model.rule import PPM, Condition, Rule
from bot.model.wording import clock_hours
from bot.transfer.document import (
    Alert,
    Channel,
    Community,
    Digest,
    Document,
    Linked,
    OwnBasket,
    OwnFeed,
    Part,
    Prices,
    Releases,
    Side,
    Silenced,
)
from storage import chosen, controls, feeds, market, receivers
from storage.controls import Silence, Wishes
from storage.receivers import Subscription

PERCENT = PPM // 100
IN_PERCENT = (Condition.DRAWDOWN, Condition.MOVE, Condition.CROWDING, Condition.VOLATILITY)
EVERYTHING, RULE = "all", "rule:"


async def gather(connection: AsyncConnection, settings: Settings, now: datetime) -> Document:
    """All that channels follow and chose, as it is at `now`."""
    everyone = await receivers.receivers(connection)
    ids = [one.id for one in everyone]
    wishes = await controls.wishes(connection, ids)
    setters = await chosen.setters(connection)
    silences: dict[int, list[Silence]] = defaultdict(list)
    for silence in await controls.silences(connection, None, now):
        silences[silence.receiver_id].append(silence)
    channels = []
    for one in everyone:
        found = await receivers.subscriptions(connection, one.id)
        live = [item for item in found if item.expires_at is None or item.expires_at > now]
        channels.append(_channel(one, wishes[one.id], setters[one.id], live, silences[one.id]))
    sides = {one.id: Side(surface=one.surface, address=one.address) for one in everyone}
    return Document(
        channels=tuple(channels),
        baskets=tuple(
            OwnBasket(owner=item.owner, name=item.name, title=item.title, symbols=item.members)
            for item in (await market.baskets(connection)).values()
            if item.owner
        ),
        feeds=tuple(
            OwnFeed(
                owner=state.feed.owner,
                url=state.feed.url,
                lab=state.feed.lab,
                added_by=state.added_by,
            )
            for state in await feeds.feeds(connection)
            if state.feed.owner and state.off_at is None
        ),
        communities=tuple(
            Community(id=key, manager_role=one.manager_role, public_answers=one.public_answers)
            for key, one in (await chosen.guilds(connection)).items()
        ),
        rooms=tuple(
            Linked(
                invited=sides[link.inviter_id],
                joined=sides[link.joiner_id],
                invited_by=link.invited_by,
                joined_by=link.joined_by,
            )
            for link in await chosen.links(connection)
        ),
        settings=told_settings(settings),
    )


def _channel(
    one: Receiver,
    wishes: Wishes,
    set_up_by: str,
    found: Sequence[Subscription],
    silences: Sequence[Silence],
) -> Channel:
    quiet = "off"
    if wishes.quiet_from is not None and wishes.quiet_to is not None:
        quiet = clock_hours(wishes.quiet_from, wishes.quiet_to).replace("–", "-")
    own = {item.target: item for item in silences if item.target.startswith(RULE)}

    def terms(item: Subscription) -> dict[str, Any]:
        silenced = own.get(f"{RULE}{item.id}")
        return {
            "mention": item.mention,
            "expires": item.expires_at,
            "once": item.once,
            "repeat_minutes": item.repeat_minutes,
            "silenced_until": silenced and silenced.until,
            "silenced_by": silenced.by if silenced else "",
        }

    def of(kind: str) -> list[Subscription]:
        return [item for item in found if item.kind == kind]

    return Channel(
        surface=one.surface,
        address=one.address,
        title=one.title,
        community=one.community,
        time_zone=wishes.time_zone,
        quiet=quiet,
        hourly_cap=wishes.hourly_cap,
        set_up_by=set_up_by,
        alerts=tuple(
            _alert(item.rule, one.owner, item.members, terms(item))
            for item in found
            if item.rule is not None
        ),
        releases=tuple(
            Releases(**_filters(Releases, item), **terms(item)) for item in of("releases")
        ),
        prices=tuple(Prices(**_filters(Prices, item), **terms(item)) for item in of("prices")),
        digests=tuple(_digest(item.filters, one.owner, terms(item)) for item in of("digest")),
        silences=tuple(
            Silenced(
                target=named(item.target, one.owner) or EVERYTHING, until=item.until, by=item.by
            )
            for item in silences
            if not item.target.startswith(RULE)
        ),
    )


def _filters(kind: type[Part], item: Subscription) -> dict[str, Any]:
    """What narrows news down; what is not set is as usual."""
    return {
        key: value
        for key, value in item.filters.items()
        if key in kind.model_fields and value is not None
    }


def named(target: str, owner: str) -> str:
    """A target as the channel's people call it: without the owner where that is their own."""
    return target.removesuffix(f"@{owner}")


def _alert(rule: Rule, owner: str, members: bool, terms: Mapping[str, Any]) -> Alert:
    drawdown = rule.condition is Condition.DRAWDOWN
    return Alert.model_validate(
        {
            "target": named(rule.target, owner),
            "condition": rule.condition,
            "levels": typed_levels(rule),
            "window": rule.measure if drawdown else None,
            "rearm_percent": rule.band / PERCENT if drawdown else None,
            "members": members,
            **terms,
        }
    )


def typed_levels(rule: Rule) -> tuple[float, ...]:
    """A rule's levels as people type them: 10 for 10%, 150 for a price; none where it has none."""
    if rule.condition in (Condition.HIGH, Condition.LOW):
        return ()
    unit = PERCENT if rule.condition in IN_PERCENT else PPM
    return tuple(sorted(abs(level) / unit for level in rule.levels))


def _digest(filters: Mapping[str, Any], owner: str, terms: Mapping[str, Any]) -> Digest:
    minute = int(filters["minute"])
    return Digest(
        basket=named(filters["target"], owner),
        every=filters["every"],
        at=f"{minute // 60:02}:{minute % 60:02}",
        weekday=filters["weekday"],
        **terms,
    )


def told_settings(settings: Settings) -> dict[str, dict[str, Any]]:
    """The settings in force, without anything secret: addresses without their passwords."""
    found = settings.model_dump(mode="json", exclude=set(SECRETS))
    return {
        section: {key: bare(value) for key, value in sorted(inner.items())}
        for section, inner in sorted(found.items())
    }


def bare(value: Any) -> Any:
    """An address without user, password and query; anything else as it is."""
    if not isinstance(value, str) or "://" not in value:
        return value
    try:
        parts = urlsplit(value)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(an address)"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
