"""What can be named of the news: models and feeds, as completion offers them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.release import Release
from bot.model.wording import day
from bot.services import Services
from storage import feeds, releases
from storage.feeds import FeedState


@dataclass(frozen=True, slots=True)
class News:
    """Each name with what it is: `models`, newest first; shipped `feeds`; `own` ones by owner."""

    models: Mapping[str, str] = field(default_factory=dict)
    feeds: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


async def read_news(connection: AsyncConnection, services: Services) -> News:
    """The models and feeds that there are now."""
    found = await releases.releases(connection, services.clock.now())
    return _news(found, await feeds.feeds(connection), services)


def _news(found: Iterable[Release], states: Iterable[FeedState], services: Services) -> News:
    labs = services.releases.labs
    models: dict[str, str] = {}
    for item in found:
        lab = labs[item.lab].name if item.lab in labs else item.lab
        models.setdefault(item.model, f"{lab}, {day(item.released_on)}")
    shipped, own = {}, dict[str, dict[str, str]]()
    for state in states:
        if state.feed.owner:
            own.setdefault(state.feed.owner, {})[state.feed.title] = "a feed of your own"
        else:
            shipped[state.feed.key] = state.feed.title
    return News(models, shipped, own)
