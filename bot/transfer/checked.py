"""From a file to what is to be there: every mistake of it, each in one line with its place."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.schedule import next_digest
from bot.answers.alert import role
from bot.answers.basket import LONGEST_TITLE, MOST_MEMBERS
from bot.answers.channel import read_quiet, read_zone
from bot.answers.own_feeds import feed_of
from bot.answers.releases import lab_key
from bot.answers.rules import make_rule
from bot.answers.silence import LAB, LONGEST
from bot.answers.subscribe import filters_of
from bot.answers.targets import Known, find_target
from bot.errors import UserError
from bot.market.shipped import REFERENCE
from bot.model.basket import Basket
from bot.model.receiver import Receiver
from bot.model.symbol import is_symbol
from bot.services import Request, Services
from bot.transfer.document import Alert, Channel, Digest, Document, Followed, Prices, Releases
from bot.transfer.gather import EVERYTHING
from bot.transfer.plan import Plan, Wanted, WantedChannel
from storage import market
from storage.controls import Wishes
from storage.receivers import Subscription

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_BASKET = re.compile(r"[a-z][a-z0-9-]{0,31}")


async def check(
    connection: AsyncConnection, services: Services, document: Document, now: datetime
) -> Plan:
    """What `document` asks for, by the same rules as commands."""
    plan = Plan(document)
    everyone = await market.baskets(connection)
    symbols = await market.symbol_rows(connection)
    for number, own in enumerate(document.baskets):
        with plan.at("baskets", number):
            basket = Basket(own.name, own.title, own.symbols, owner=own.owner)
            _basket(basket, everyone, symbols)
            plan.unknown |= {one for one in basket.members if one not in symbols}
            plan.baskets.append(basket)
    mine = {item.target: item for item in plan.baskets}
    known = Known({**mine, **everyone}, symbols, services.releases.labs)
    for number, given in enumerate(document.feeds):
        with plan.at("feeds", number):
            asked = _request(services, _owner(given.owner), now)
            lab = lab_key(given.lab, asked) if given.lab else ""
            plan.feeds.append((feed_of(given.url, lab, given.owner), given.added_by))
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(document.channels):
        key = (one.surface, one.address)
        with plan.at("channels", number):
            if key in seen:
                raise UserError(f"{one.surface} {one.address} is there twice; join the two.")
        seen.add(key)
        _Checking(plan, services, known, now, number, one).channel()
    for number, room in enumerate(document.rooms):
        for side in (room.invited, room.joined):
            with plan.at("rooms", number):
                if (side.surface, side.address) not in seen:
                    raise UserError(f"{side.surface} {side.address} is no channel of this file.")
    return plan


def _basket(
    item: Basket, everyone: Mapping[str, Basket], symbols: Mapping[str, Mapping[str, str]]
) -> None:
    if not _BASKET.fullmatch(item.name):
        raise UserError(f'"{item.name}" cannot name a basket; use letters, digits and hyphens.')
    if item.name in everyone or item.name.upper() in symbols:
        raise UserError(f"{item.name} is taken by a shipped basket or symbol.")
    if len(item.title) > LONGEST_TITLE:
        raise UserError(f"its title has more than {LONGEST_TITLE} letters.")
    if not 2 <= len(set(item.members)) <= MOST_MEMBERS:
        raise UserError(f"a basket holds 2 to {MOST_MEMBERS} symbols.")
    for member in item.members:
        if not is_symbol(member):
            raise UserError(f'"{member}" is not a symbol; write it as Yahoo does, such as NVDA.')


def _owner(owner: str) -> Receiver:
    surface, _, community = owner.partition(":")
    return Receiver(0, surface, community, owner)


def _request(
    services: Services, receiver: Receiver, now: datetime, options: Mapping[str, Any] | None = None
) -> Request:
    return Request(options or {}, services, receiver, now)


@dataclass
class _Checking:
    """The check of one channel of the file."""

    plan: Plan
    services: Services
    known: Known
    now: datetime
    number: int
    given: Channel

    def channel(self) -> None:
        one = self.given
        self.receiver = Receiver(0, one.surface, one.address, one.title, community=one.community)
        zone = "UTC"
        quiet: tuple[int | None, int | None] = (None, None)
        with self._at("time_zone"):
            zone = read_zone(one.time_zone)
        with self._at("quiet"):
            quiet = read_quiet(one.quiet)
        kinds: tuple[tuple[str, Callable[[Any], Subscription]], ...] = (
            ("alerts", self._alert),
            ("releases", self._releases),
            ("prices", self._prices),
            ("digests", lambda given: self._digest(given, zone)),
        )
        items = [
            wanted
            for name, make in kinds
            for index, given in enumerate(getattr(one, name))
            if (wanted := self._wanted(name, index, given, make)) is not None
        ]
        silences = []
        for index, silence in enumerate(one.silences):
            with self._at("silences", index):
                if self._lasts(silence.until):
                    silences.append((self._silent(silence.target), silence.until, silence.by))
        with self.plan.at("channels", self.number) as place:
            self.plan.channels.append(
                WantedChannel(
                    self.receiver,
                    place,
                    one.set_up_by,
                    Wishes(zone, *quiet, one.hourly_cap),
                    tuple(items),
                    tuple(silences),
                )
            )

    def _at(self, *where: str | int) -> AbstractContextManager[str, bool | None]:
        return self.plan.at("channels", self.number, *where)

    def _lasts(self, until: datetime) -> bool:
        if until <= self.now:
            self.plan.expired += 1
            return False
        if until > self.now + LONGEST:
            raise UserError("a silence ends within a year; give another time.")
        return True

    def _wanted(
        self, name: str, index: int, given: Followed, make: Callable[[Any], Subscription]
    ) -> Wanted | None:
        wanted = None
        with self._at(name, index) as place:
            item = make(given)
            if given.once and given.repeat_minutes is not None:
                raise UserError("once and repeat_minutes do not go together; leave one out.")
            item = replace(
                item,
                mention=role(given.mention),
                expires_at=given.expires,
                once=given.once,
                repeat_minutes=given.repeat_minutes,
            )
            silenced = None
            if given.silenced_until is not None and self._lasts(given.silenced_until):
                silenced = (given.silenced_until, given.silenced_by)
            if given.expires is not None and given.expires <= self.now:
                self.plan.expired += 1
            else:
                wanted = Wanted(item, place, silenced)
        return wanted

    def _target(self, text: str) -> str:
        """The target, which may be a symbol that nobody has asked for yet."""
        if text in self.known.baskets:
            return text
        try:
            return find_target(text, self.known, self.receiver.owner)
        except UserError:
            symbol = text.strip().removeprefix("$").upper()
            if not is_symbol(symbol) or symbol.lower() != text.strip().removeprefix("$").lower():
                raise
            self.plan.unknown.add(symbol)
            return symbol

    def _alert(self, given: Alert) -> Subscription:
        target, settings = self._target(given.target), self.services.settings.alerts
        basket = self.known.baskets.get(target)
        if given.members and basket is None:
            raise UserError(f"members is about a basket, and {target} is not one; leave it out.")
        if given.rearm_percent is not None:
            settings = settings.model_copy(update={"rearm_percent": given.rearm_percent})
        members = None if basket is None else len(basket.members)
        rule = make_rule(
            target, given.condition, given.levels, given.window, settings, members=members
        )
        return self._item("rule", {}, rule=rule, members=given.members)

    def _releases(self, given: Releases) -> Subscription:
        options = given.model_dump(include=set(Releases.model_fields) - set(Followed.model_fields))
        return self._item(
            "releases", filters_of(_request(self.services, self.receiver, self.now, options))
        )

    def _prices(self, given: Prices) -> Subscription:
        asked = _request(self.services, self.receiver, self.now)
        filters: dict[str, Any] = {"percent": given.percent, "newcomer": given.newcomer}
        if given.models:
            filters["models"] = [[lab_key(lab, asked), model] for lab, model in given.models]
        if given.labs:
            filters["labs"] = list(dict.fromkeys(lab_key(one, asked) for one in given.labs))
        if given.parting is not None:
            filters["parting"] = given.parting
        return self._item("prices", filters)

    def _digest(self, given: Digest, zone: str) -> Subscription:
        match = _TIME.fullmatch(given.at)
        if match is None:
            raise UserError(f"at {given.at} will not do; write a local time such as 08:00.")
        minute = int(match[1]) * 60 + int(match[2])
        basket = self.known.baskets.get(given.basket)
        basket = basket or self.known.basket(given.basket, self.receiver.owner)
        if basket is None or basket.name == REFERENCE:
            raise UserError(f"there is no basket {given.basket} to tell of.")
        filters = {
            "every": given.every,
            "minute": minute,
            "weekday": given.weekday,
            "target": basket.target,
            "basket": basket.name,
        }
        weekday = given.weekday if given.every == "week" else None
        return replace(
            self._item("digest", filters), next_at=next_digest(self.now, zone, minute, weekday)
        )

    def _item(self, kind: str, filters: Mapping[str, Any], **more: Any) -> Subscription:
        plain = {"rule": None, "members": False, **more}
        return Subscription(0, 0, kind, filters=filters, created_at=self.now, **plain)

    def _silent(self, text: str) -> str:
        if text == EVERYTHING:
            return ""
        if text.startswith(LAB):
            if text.removeprefix(LAB) not in self.services.releases.labs:
                raise UserError(f"{text.removeprefix(LAB)} is not a lab that is known.")
            return text
        return self._target(text)
