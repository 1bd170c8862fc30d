"""What can be named, in memory: what completion offers while somebody types."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.targets import Known
from bot.commands import COMMANDS
from bot.market.crowd import FEWEST_MEMBERS
from bot.market.shipped import REFERENCE
from bot.model.basket import Basket
from bot.model.command import Command, Kind, Option
from bot.model.receiver import Receiver
from bot.model.wording import moment
from bot.releases.wanted import KINDS
from bot.services import Services
from bot.surfaces.news_names import News, read_news
from bot.surfaces.offered import FIGURES, MULTIPLES, QUIET, SESSIONS, SPANS, TIMES
from storage import controls, guilds, market, receivers
from storage.controls import Silence
from storage.guilds import GuildSettings
from storage.receivers import Subscription


@dataclass(frozen=True, slots=True)
class Following:
    """What one channel gets, and what it silenced."""

    subscriptions: Sequence[Subscription] = ()
    silences: Sequence[Silence] = ()


_NOTHING = Following()
_USUAL = GuildSettings()
_PAGE = 250


@dataclass
class Names:
    """What can be named, as last read from the database: each name with what it is.

    `baskets` are those that ship, `own` those that a community or channel made, by its owner's
    name; `channels` say what is followed, by surface and address. `servers` are what Discord
    servers chose, by id: an acknowledgement depends on it and must not wait for a database.
    """

    symbols: Mapping[str, str] = field(default_factory=dict)
    baskets: Mapping[str, str] = field(default_factory=dict)
    labs: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    channels: Mapping[tuple[str, str], Following] = field(default_factory=dict)
    known: Known = field(default_factory=lambda: Known({}, {}))
    news: News = field(default_factory=News)
    servers: Mapping[str, GuildSettings] = field(default_factory=dict)

    def take(self, newer: "Names") -> None:
        """Become what `newer` is; whoever holds these names sees it."""
        self.__dict__.update(newer.__dict__)

    def server(self, guild_id: int | None) -> GuildSettings:
        """What a Discord server chose; the defaults where it chose nothing, or is not known."""
        return self.servers.get(str(guild_id), _USUAL)

    def chose(self, guild_id: int, settings: GuildSettings) -> None:
        """A Discord server has chosen; that is stored already."""
        self.servers = {**self.servers, str(guild_id): settings}

    def baskets_at(self, place: Receiver) -> dict[str, str]:
        """The baskets that can be named at a channel: its community's own, then those shipped."""
        return {**self.own.get(place.owner, {}), **self.baskets}

    def following(self, place: Receiver) -> Following:
        """What a channel gets; nothing where it is not known."""
        return self.channels.get((place.surface, place.address), _NOTHING)

    def values(
        self,
        command: Command,
        option: Option,
        place: Receiver,
        given: Mapping[str, object] | None = None,
    ) -> Mapping[str, str]:
        """The values that an option may have at a channel, as far as they can be listed.

        `given` are the options that were chosen already.
        """
        if option.kind is Kind.CHOICE:
            return dict.fromkeys(option.choices, "")
        if option.kind is Kind.YES_NO:
            return {"yes": "", "no": ""}
        if option.kind is Kind.SYMBOLS:
            return self.symbols
        if option.kind is Kind.TARGET:
            return {**self.baskets_at(place), **self.symbols}
        if option.kind is Kind.DURATION:
            return SPANS
        if option.kind is Kind.FIGURES and option.name == "multiple":
            return MULTIPLES
        if option.kind is Kind.FIGURES:
            chosen = (given or {}).get(option.by) or _default(command, option.by)
            return FIGURES.get(str(chosen), {})
        return self._named(command, option, place)

    def _named(self, command: Command, option: Option, place: Receiver) -> Mapping[str, str]:
        """The values of an option that only its name tells apart from others."""
        match option.name:
            case "what":
                alerts = {f"alert {n}": text for n, text in self._alerts(place).items()}
                targets = {**self.baskets_at(place), **self.symbols}
                return {**alerts, "all": "everything here", **targets, **self.labs}
            case "number":
                return self._numbers(command, place)
            case "lab" | "labs":
                return self.labs
            case "kinds":
                return dict.fromkeys(KINDS, "")
            case "names" | "model" | "models" | "from" | "to" | "release":
                return self.news.models
            case "feed":
                return {**self.news.own.get(place.owner, {}), **self.news.feeds}
            case "name" if command.path[0] == "feeds":
                return self.news.own.get(place.owner, {})
            case "command":
                return {" ".join(one.path): one.summary for one in COMMANDS}
            case "timezone":
                return _zones()
            case "quiet":
                return QUIET
            case "at":
                return TIMES
            case "window":
                return SESSIONS
            case "basket" if command.path == ("crowding",):
                return self._crowds(place)
            case "basket":
                return self.baskets_at(place)
            case "name" if command.path in (("basket", "add"), ("basket", "remove")):
                return self.own.get(place.owner, {})
            case "name":
                return self.baskets_at(place)
        return {}

    def _crowds(self, place: Receiver) -> dict[str, str]:
        """The baskets that are large enough to move as one."""
        return {
            name: why
            for name, why in self.baskets_at(place).items()
            if name != REFERENCE
            and (basket := self.known.basket(name, place.owner)) is not None
            and len(basket.members) >= FEWEST_MEMBERS
        }

    def _numbers(self, command: Command, place: Receiver) -> dict[str, str]:
        """The numbers that a command may remove here, with what they are."""
        if command.path[0] == "alert":
            return self._alerts(place)
        following = self.following(place)
        if command.path[0] == "silence":
            from bot.answers.silence import about  # not before somebody types: it is slow

            labs = self.known.labs
            return {
                str(s.id): f"{about(s.target, labs)}, until {moment(s.until)}"
                for s in following.silences
            }
        from bot.answers.alert import described

        return {
            str(s.id): described(s, self.known) for s in following.subscriptions if s.rule is None
        }

    def _alerts(self, place: Receiver) -> dict[str, str]:
        from bot.answers.alert import described

        return {
            str(s.id): described(s, self.known)
            for s in self.following(place).subscriptions
            if s.rule is not None
        }


async def read_names(services: Services) -> Names:
    """What can be named now, in every channel."""
    async with services.database.read() as connection:
        baskets = await market.baskets(connection)
        symbols = await market.symbol_rows(connection)
        places = {one.id: one for one in await receivers.receivers(connection)}
        subscriptions = await _all_subscriptions(connection)
        silences = await controls.silences(connection, None, services.clock.now())
        news = await read_news(connection, services)
        servers = await guilds.all_guilds(connection)
    channels = _channels(places, subscriptions, silences)
    return _names(services, baskets, symbols, channels, news, servers)


async def _all_subscriptions(connection: AsyncConnection) -> list[Subscription]:
    """Those of every channel, a page at a time: others answer meanwhile."""
    found: list[Subscription] = []
    while True:
        after = found[-1].id if found else 0
        page = await receivers.subscriptions(connection, after=after, most=_PAGE)
        found += page
        if len(page) < _PAGE:
            return found


async def relearn(names: Names, services: Services, place: Receiver) -> None:
    """Read anew, in place, what a command given at `place` may have changed."""
    async with services.database.read() as connection:
        baskets = await market.baskets(connection)
        symbols = await market.symbol_rows(connection)
        found = await receivers.find_receiver(connection, place.surface, place.address)
        following = _NOTHING
        if found is not None:
            now = services.clock.now()
            following = Following(
                await receivers.subscriptions(connection, found.id),
                await controls.silences(connection, [found.id], now),
            )
        news = await read_news(connection, services)
    names.take(
        _names(
            services,
            baskets,
            symbols,
            {**names.channels, (place.surface, place.address): following},
            news,
            names.servers,
        )
    )


def _names(
    services: Services,
    baskets: Mapping[str, Basket],
    symbols: Mapping[str, Mapping[str, str]],
    channels: Mapping[tuple[str, str], Following],
    news: News,
    servers: Mapping[str, GuildSettings],
) -> Names:
    labs = services.releases.labs
    own: dict[str, dict[str, str]] = {}
    for item in baskets.values():
        if item.owner:
            own.setdefault(item.owner, {})[item.name] = item.title
    released = {release.lab for release in services.releases.releases}
    return Names(
        symbols={symbol: row["name"] for symbol, row in symbols.items()},
        baskets={item.name: item.title for item in baskets.values() if not item.owner},
        labs={lab.name: "" for key, lab in labs.items() if key in released},
        own=own,
        channels=channels,
        known=Known(baskets, symbols, labs),
        news=news,
        servers=servers,
    )


def _channels(
    places: Mapping[int, Receiver],
    subscriptions: Iterable[Subscription],
    silences: Iterable[Silence],
) -> dict[tuple[str, str], Following]:
    followed: dict[int, list[Subscription]] = {}
    silenced: dict[int, list[Silence]] = {}
    for item in subscriptions:
        followed.setdefault(item.receiver_id, []).append(item)
    for silence in silences:
        silenced.setdefault(silence.receiver_id, []).append(silence)
    return {
        (places[key].surface, places[key].address): Following(
            followed.get(key, ()), silenced.get(key, ())
        )
        for key in {*followed, *silenced}
        if key in places
    }


async def refresh(names: Names, services: Services) -> None:
    """Read the names anew, in place."""
    before = names.servers
    newer = await read_names(services)
    if names.servers is not before:  # one chose meanwhile, maybe after it was read
        newer.servers = names.servers
    names.take(newer)


def _default(command: Command, name: str) -> str:
    return next((str(o.default) for o in command.options if o.name == name), "")


@cache
def _zones() -> dict[str, str]:
    return dict.fromkeys(sorted(zone for zone in available_timezones() if "/" in zone), "")
