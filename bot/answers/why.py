"""Why a channel was told of what is no story: news of a release, a digest, a summary."""

from bot.answers import explain
from bot.answers.alert import described, of_channel, zone_of
from bot.answers.targets import known
from bot.cards.aftershock import study_fields
from bot.cards.judged import JUDGED, judged_fields
from bot.cards.price_news import event_fields
from bot.cycle.facts import fallback_text
from bot.errors import UserError
from bot.model.card import Card, Field
from bot.model.receiver import Notification
from bot.model.wording import count, moment
from bot.services import Request
from storage.receivers import Subscription


async def why(request: Request, notification: Notification) -> Card:
    """Why this message was told; for a market alert the card of /alert explain.

    The request is of the notification's channel. Raises UserError where nothing can be said.
    """
    facts = notification.facts
    if facts["kind"] == "note":
        return Card(
            title="Why this was posted here",
            text="It says what came of /room in this channel or in the one that it is, or was, to "
            "be linked with. /room show tells how that stands.",
        )
    if facts["kind"] in ("release", "digest", "prices", "study"):
        return await _news(request, notification)
    target = facts.get("target")
    if target is None:
        async with request.services.database.read() as connection:
            followed = [s for s in await of_channel(connection, request) if s.rule is not None]
        if not followed:
            return await _news(request, notification)
    elif "@" in target:
        await _refuse_removed(request, target)
    return await explain.explain(_asking(request, target))


async def _refuse_removed(request: Request, target: str) -> None:
    """Raise UserError where a basket of somebody's own is gone."""
    async with request.services.database.read() as connection:
        names = await known(connection, request)
    if target not in names.baskets:
        raise UserError(
            f"Basket {target.partition('@')[0]} has been removed since; /basket list shows those "
            "there are."
        )


def _asking(request: Request, target: str | None) -> Request:
    return Request(
        {"target": target},
        request.services,
        request.receiver,
        request.now,
        request.commands,
        request.asker,
    )


async def _news(request: Request, notification: Notification) -> Card:
    """The subscriptions that news came by, and when it was enqueued."""
    kind, number = notification.facts["kind"], notification.subscription_id
    async with request.services.database.read() as connection:
        found = await of_channel(connection, request)
        names = await known(connection, request)
        zone = await zone_of(connection, request)
    mine = [s for s in found if s.id == number] or _like(found, notification)
    if not mine:
        raise UserError(
            "The subscription that this came by has been removed; /channel shows what is left."
        )
    fields = [
        Field(f"Subscription {s.id}", f"{described(s, names)}\nsince {moment(s.created_at, zone)}")
        for s in mine
    ]
    fields.append(Field("Decided", f"to be told at {moment(notification.created_at, zone)}"))
    if kind == "release":
        fields += judged_fields(notification.facts)
    if kind == "prices":
        fields += event_fields(notification.facts)
    if kind == "study":
        fields += study_fields(notification.facts)
    what = {
        "study": fallback_text(notification.facts) if kind == "study" else "",
        "prices": fallback_text(notification.facts, dated=False) if kind == "prices" else "",
        "release": fallback_text(notification.facts, dated=False) if kind == "release" else "",
        "burst": "a feed had too much at once",
        "digest": "a digest was due",
    }.get(kind, "news had been held back")
    ends = " or ".join(f"/subscribe remove {s.id}" for s in mine)
    return Card(
        title=f"Why this channel was told: {what}",
        text=f"It came by {count(len(mine), 'subscription')} of this channel. End it with {ends}.",
        fields=tuple(fields),
        footer=f"Asked at {moment(request.now, zone)}",
        facts={
            "subscriptions": [s.id for s in mine],
            **{name: notification.facts.get(name) for name in JUDGED},
        },
    )


def _like(found: list[Subscription], notification: Notification) -> list[Subscription]:
    """Subscriptions of the same kind, where the one it came by is not on record or is gone."""
    if notification.subscription_id is not None:
        return []
    return [s for s in found if s.rule is None]
