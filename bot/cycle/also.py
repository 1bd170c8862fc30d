"""What is learnt of a release after it was told changes its first message, and posts nothing.

Each channel's message keeps its marks and whom it called; one that nobody has tried to send, or
that a channel's quiet hours hold, says the new things when it comes.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cycle.facts import RELEASE, fallback_text
from bot.cycle.release_facts import model_facts, priced
from bot.model.basket import Lab
from bot.model.release import Release
from bot.releases.beside import Given, filled
from bot.releases.models import Models, load_models
from bot.services import Services
from storage import rewording

# What is said later than this of a release is no longer news to those who read it.
SPAN = timedelta(days=7)
MOST_SOURCES = 40

Facts = Mapping[str, Any]


async def added(
    connection: AsyncConnection,
    services: Services,
    release_key: str,
    source_title: str,
    now: datetime,
    given: Sequence[Given] = (),
) -> int:
    """A further source tells of a release: its title, and figures that were unknown, are added to
    every message about it. How many messages change.
    """
    key = await leading_key(connection, release_key, now)
    labs, models = services.releases.labs, load_models()
    return await _change(
        connection,
        services,
        key,
        lambda facts: with_source(facts, source_title, given, labs, models, now.date()),
        now,
    )


async def joined(
    connection: AsyncConnection,
    services: Services,
    release_key: str,
    release: Release,
    source_title: str,
    now: datetime,
    given: Sequence[Given] = (),
) -> int:
    """Another model of a release that was told, of the same day, joins its message."""
    key = await leading_key(connection, release_key, now)
    labs, models = services.releases.labs, load_models()

    def change(facts: Facts) -> Facts:
        more = with_model(facts, release, given, labs, models, now.date())
        return with_source(more, source_title, (), labs, models, now.date())

    return await _change(connection, services, key, change, now)


async def leading_key(connection: AsyncConnection, release_key: str, now: datetime) -> str:
    """The key of the message that tells of a release: its own, or that of the one it came with."""
    for told in await rewording.keys_told(connection, RELEASE, now - SPAN):
        if told["key"] == release_key or any(
            one.get("key") == release_key for one in told["models"]
        ):
            return str(told["key"])
    return release_key


def with_source(
    facts: Facts,
    title: str,
    given: Sequence[Given],
    labs: Mapping[str, Lab],
    models: Models,
    day: date,
) -> Facts:
    """The facts with one more source, and with figures that it gives and nobody knew."""
    known = [facts["source"], *facts.get("also", ())]
    changed = dict(facts)
    if title not in known and len(known) <= MOST_SOURCES:
        changed["also"] = [*facts.get("also", ()), title]
    if given and facts.get("models"):
        changed["models"] = [_filled(one, given, day) for one in facts["models"]]
        if changed["models"] != facts["models"]:
            return priced(changed, labs, models, day)
    return changed


def with_model(
    facts: Facts,
    release: Release,
    given: Sequence[Given],
    labs: Mapping[str, Lab],
    models: Models,
    day: date,
) -> Facts:
    """The facts with one more model; one that is there stays as it is."""
    before = facts.get("models")
    if not before or any(one["model"] == release.model for one in before):
        return facts
    own = [one for one in given if one.model == release.model]
    more = model_facts(release, models, day, own)
    return priced({**facts, "models": [*before, more]}, labs, models, day)


def _filled(one: Facts, given: Sequence[Given], day: date) -> Facts:
    for source in given:
        if source.model == one["model"]:
            one = filled(one, source, day)
    return one


async def _change(
    connection: AsyncConnection,
    services: Services,
    key: str,
    change: Callable[[Facts], Facts],
    now: datetime,
) -> int:
    """Let every message about that release say what `change` makes of what it says."""
    changed = 0
    async for some in rewording.worded(connection, RELEASE, key, now - SPAN):
        messages = []
        for message in some:
            after = _changed(message.facts, change)
            if after is not None:
                messages.append((message, services.nonce(), after))
        if messages:
            await rewording.reword(connection, messages, fallback_text(messages[0][2]), now)
        changed += len(messages)
    held = []
    for row, facts in await rewording.held_of(connection, RELEASE, key):
        after = _changed(facts, change)
        if after is not None:
            held.append((row, after))
    if held:
        await rewording.rewrite_held(connection, held, fallback_text(held[0][1]))
    return changed + len(held)


def _changed(facts: Facts, change: Callable[[Facts], Facts]) -> Facts | None:
    """What a message is to say; None where nothing changes, and for a rumour."""
    if facts.get("rumour"):
        return None
    after = change(facts)
    return None if after == facts else after
