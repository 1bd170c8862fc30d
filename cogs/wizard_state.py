"""What the set-up wizard reads: what can be chosen, and what a channel has already."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.market.shipped import REFERENCE
from bot.model.basket import Basket, Lab
from bot.model.receiver import Receiver
from bot.services import Services
from storage import controls, market, receivers
from storage.controls import Wishes
from storage.receivers import Subscription

# As many as a select holds; labs leave room for "all frontier labs".
MOST_BASKETS, MOST_LABS = 25, 24


@dataclass(frozen=True, slots=True)
class Offer:
    """Baskets by target, and labs by key, that can be chosen; frontier labs come first."""

    baskets: Mapping[str, Basket] = field(default_factory=dict)
    labs: Mapping[str, Lab] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Present:
    """What a channel gets and how; `wishes` is None where the bot has never met it."""

    found: tuple[Subscription, ...] = ()
    wishes: Wishes | None = None
    disabled: bool = False


async def offer_of(services: Services, receiver: Receiver) -> Offer:
    """What can be chosen for a channel: its server's own baskets before the shipped ones."""
    async with services.database.read() as connection:
        found = await market.baskets(connection, receiver.owner)
    baskets = sorted(
        ((target, one) for target, one in found.items() if target != REFERENCE),
        key=lambda item: not item[1].owner,
    )
    labs = sorted(services.releases.labs.items(), key=lambda item: (not item[1].frontier, item[0]))
    return Offer(dict(baskets[:MOST_BASKETS]), dict(labs[:MOST_LABS]))


async def present_of(services: Services, receiver: Receiver) -> Present:
    """What a channel has now; nothing is made for one that the bot has never met."""
    async with services.database.read() as connection:
        known = await receivers.find_receiver(connection, receiver.surface, receiver.address)
        if known is None:
            return Present()
        found = await receivers.subscriptions(connection, known.id)
        wishes = (await controls.wishes(connection, [known.id]))[known.id]
    return Present(tuple(found), wishes, known.disabled_reason is not None)
