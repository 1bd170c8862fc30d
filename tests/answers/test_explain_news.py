"""/alert explain of a model or headline: what was made of it, for this community's eyes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.model.feed import Feed, FeedKind, Voice
from bot.model.receiver import Receiver
from bot.releases.sources import load_feeds
from bot.services import Services
from storage import feeds, sightings
from storage.sightings import Sighting
from tests.asking import ask

HERE = Receiver(0, "discord", "20", "#alerts", community="10")
AWAY = replace(HERE, address="30", community="11")


async def test_an_entry_says_what_decided_and_how_sure(seeded: Services) -> None:
    now = seeded.clock.now()
    own = Feed("own:1", FeedKind.FEED, Voice.NEWS, "https://example.org/x", "example.org",
               owner=HERE.owner)  # fmt: skip
    found = [
        Sighting("openai-news", "a", "Introducing Zeta-9", now - timedelta(hours=2), "release",
                 lab="openai", model="Zeta-9", confidence=0.97, reason="is introduced by name",
                 words=("Introducing",)),
        Sighting("own:1", "b", "Zeta-9 rumoured", now - timedelta(hours=1), "waiting",
                 lab="openai", model="Zeta-9", confidence=0.5, reason="not said to be out",
                 until=now + timedelta(hours=47)),
    ]  # fmt: skip

    async def work(connection: object) -> None:
        await feeds.put_shipped(connection, load_feeds(), now)  # type: ignore[arg-type]
        await feeds.add_feed(connection, own, now)  # type: ignore[arg-type]
        await sightings.put_sightings(connection, found)  # type: ignore[arg-type]

    await seeded.database.write(work)
    card = await ask("/alert explain zeta-9", seeded, HERE)
    assert card.title == "zeta-9: not sure yet"
    waiting, told = card.fields
    assert waiting.value == (
        "not sure yet: not said to be out\n50% sure; OpenAI, Zeta-9\n"
        "waits for another source until 29 Jan 2025, 21:00 UTC\n"
        "example.org, seen 27 Jan 2025, 21:00 UTC"
    )
    assert told.value == (
        "a release: is introduced by name (“Introducing”)\n97% sure; OpenAI, Zeta-9\n"
        "openai-news, seen 27 Jan 2025, 20:00 UTC"
    )
    away = await ask("/alert explain zeta-9", seeded, AWAY)
    assert away.title == "zeta-9: a release"
    assert "example.org" not in str(away)
    with pytest.raises(UserError, match="is not a symbol"):
        await ask("/alert explain eta-8", seeded, HERE)


async def test_a_model_that_no_feed_named_is_not_called_a_wrong_symbol(seeded: Services) -> None:
    with pytest.raises(UserError) as refused:
        await ask("/alert explain Zeta Ultra 77", seeded)
    assert str(refused.value) == (
        "Nothing watched is called Zeta Ultra 77, and no feed that was read named it; "
        "/basket list shows what is watched, /model what is known of a model."
    )
