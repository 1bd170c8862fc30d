"""January 2025, replayed once for all the tests that look at what is told then."""

import asyncio
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo import DEMO_FROM
from bot.model.card import Card
from bot.model.receiver import Receiver
from bot.services import Services
from bot.surfaces.console import Shown
from tests.asking import ask
from tests.once import made_once
from tests.replaying import replayed

# Asked the evening after the alert: the window of six sessions is over then.
STUDY, ASKED = "/impact DeepSeek-R1", datetime(2025, 1, 28, 21, 5, tzinfo=UTC)


async def told_in_january() -> tuple[list[Shown], Card]:
    """What the demo's channel is told up to 10 February, and the answer to `STUDY` at `ASKED`."""
    studies: list[Card] = []

    async def each(services: Services, receiver: Receiver, instant: datetime) -> None:
        if instant == ASKED:
            studies.append(await ask(STUDY, services, receiver))

    days = DEMO_FROM.isoformat(), "2025-02-10"
    async with replayed(*days, each=each) as (_services, _receiver, messages):
        (study,) = studies
        return messages, study


def january_once(factory: pytest.TempPathFactory) -> tuple[list[Shown], Card]:
    """The same, replayed by whichever process of a run comes first."""

    def make(path: Path) -> None:
        path.write_bytes(pickle.dumps(asyncio.run(told_in_january())))

    found: tuple[list[Shown], Card] = pickle.loads(
        made_once(factory, "january.pickle", make).read_bytes()
    )
    return found
