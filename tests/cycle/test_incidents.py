"""What real feeds did, replayed: exactly the releases among it are posted, and no flood."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cycle.news import Ways, hear
from bot.model.feed import Entry, Feed, Judgement
from bot.releases import detect, parse
from bot.services import Services, SetClock
from storage.feeds import FeedState
from tests.cycle.newsroom import Answer, Newsroom, feed
from tests.labelled import DATA

INCIDENTS = DATA / "feeds" / "incidents"
FOLDER = INCIDENTS if INCIDENTS.is_dir() else None
LABS = {"anthropic_news": "anthropic", "openai_research": "openai"}


@dataclass
class Replayed(Newsroom):
    """Feeds whose bytes are those of files, read and judged as they are."""

    bodies: dict[str, bytes] = field(default_factory=dict)

    async def retrieve(self, state: FeedState, now: datetime) -> Answer | None:
        return Answer(self.bodies[state.feed.key])

    @property
    def ways(self) -> Ways:
        labs = self.services.releases.labs

        def judge(entry: Entry, one: Feed) -> Judgement:
            return detect.judge(entry, one, labs)

        return Ways(self.retrieve, parse.read, judge, detect.DOUBTFUL, detect.SURE)


async def replayed(services: Services, files: Sequence[Path]) -> Replayed:
    """Every file of a feed looked at when it was as its name says, and twice."""
    moments = sorted((_moment(file), file) for file in files)
    assert isinstance(services.clock, SetClock)
    services.clock.moment = moments[0][0] - timedelta(days=1)
    room = Replayed(services)
    await room.subscribe(labs=sorted(set(LABS.values())))
    shipped = {
        key: feed(key, lab=LABS[key], title=key, interval=120)
        for key in sorted({_feed(file) for file in files})
    }
    for moment, file in moments:
        services.clock.moment = moment
        room.bodies[_feed(file)] = file.read_bytes()
        await room.ship(*(one for key, one in shipped.items() if key in room.bodies))
        for _look in range(2):
            await hear(room.services, room.ways, room.now)
            room.later(minutes=3)
    return room


def _feed(file: Path) -> str:
    return file.name.split("__")[0]


def _moment(file: Path) -> datetime:
    return datetime.strptime(file.name.split("__")[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)


@pytest.mark.skipif(FOLDER is None, reason="the recorded incidents (shared/data) are not here")
async def test_the_real_incidents_post_the_real_releases(services: Services) -> None:
    assert FOLDER is not None
    room = await replayed(services, sorted(FOLDER.glob("*.xml")))
    assert await room.models() == ["Claude Haiku 4.5", "Claude Opus 4.5"]
    bursts = [row.fallback for row in await room.rows() if row.facts["kind"] == "burst"]
    assert len(bursts) <= 1
    assert len(await room.rows()) == 2 + len(bursts)
