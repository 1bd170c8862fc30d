"""Reads what the Home tab shows of a workspace, each part by itself: one that fails spoils none."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.answers.alert import described, how
from bot.answers.status import status
from bot.answers.targets import Known
from bot.cycle.load import load_board
from bot.model.receiver import Receiver
from bot.model.wording import sentence
from bot.services import Request
from bot.surfaces.slack.context import Slack
from bot.surfaces.slack.home_figures import fall_of, level_of, source_of, standing_of
from bot.surfaces.slack.home_health import health_of
from bot.surfaces.slack.home_view import (
    MOST_FALLS,
    MOST_TARGETS,
    ChannelGets,
    Following,
    Health,
    Home,
)
from bot.surfaces.slack.places import place
from bot.surfaces.slack.visible import Visible, visible_to
from bot.surfaces.slack.within import begin, within
from storage import controls, market, receivers, stories
from storage.following import followed_targets
from storage.stories import StoredStory

log = logging.getLogger(__name__)
# How long a part may take before the tab is shown without it.
PART_SECONDS = 6.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one person of a workspace."""

    slack: Slack
    team: str
    now: datetime
    visible: Visible
    receivers: Sequence[Receiver]

    @property
    def here(self) -> Receiver:
        """The workspace, as if it were a channel: whose baskets there are."""
        return place(self.team, "", "")

    async def watched(self) -> Following:
        """The symbols and baskets that channels follow which the person may hear of."""
        ids = [one.id for one in self.receivers if self.visible.may_hear(one)]
        window = self.slack.services.settings.alerts.window
        async with self.slack.services.database.read() as connection:
            found = await followed_targets(connection, ids)
            names = await self._names()
            ordered = sorted(found, key=lambda target: (target not in names.baskets, target))
            shown = ordered[:MOST_TARGETS]
            board = await load_board(connection, shown, [window], self.now, baskets=names.baskets)
        rows = [standing_of(board, names, target, window) for target in shown]
        rows.sort(key=lambda row: row.depth or 0)
        return Following(rows, len(ordered) - len(shown), source_of(board, shown, rows, self.now))

    async def falls(self) -> Following:
        """The drawdowns under way of these channels, the deepest first."""
        heard = {one.id: one for one in self.receivers if self.visible.may_hear(one)}
        async with self.slack.services.database.read() as connection:
            found = await stories.open_stories(connection, receiver_ids=sorted(heard))
            under_way: dict[tuple[str, str], list[StoredStory]] = {}
            for story in found:
                if story.topic == stories.DRAWDOWN and story.state.level > 0:
                    under_way.setdefault((story.target, story.measure), []).append(story)
            # By the level that they crossed, so that no more are measured than are shown.
            ordered = sorted(under_way, key=lambda key: -level_of(under_way[key]))
            shown = ordered[:MOST_FALLS]
            names = await self._names()
            board = await load_board(
                connection,
                {target for target, _window in shown},
                {window for _target, window in shown},
                self.now,
                baskets=names.baskets,
            )
        rows = [
            fall_of(standing_of(board, names, target, window), under_way[target, window], heard)
            for target, window in shown
        ]
        rows.sort(key=lambda row: row.standing.depth or 0)
        targets = [target for target, _window in shown]
        source = source_of(board, targets, [row.standing for row in rows], self.now)
        return Following(rows, len(ordered) - len(shown), source)

    async def channels(self) -> tuple[ChannelGets, ...]:
        """What the channels get that the person is in."""
        own = [one for one in self.receivers if self.visible.is_own(one)]
        names = await self._names()
        async with self.slack.services.database.read() as connection:
            zones = await controls.wishes(connection, [one.id for one in own])
            gets = []
            for one in sorted(own, key=lambda receiver: receiver.title):
                found = await receivers.subscriptions(connection, one.id)
                zone = zones[one.id].time_zone
                lines = []
                for item in found:
                    more = how(item, zone)
                    text = sentence(described(item, names))
                    lines.append(f"{item.id}: {text}" + (f" ({more})" if more else ""))
                if lines:
                    gets.append(ChannelGets(one.title, tuple(lines), one.disabled_reason or ""))
        return tuple(gets)

    async def health(self) -> Health:
        """How the bot does, of what concerns this workspace."""
        services = self.slack.services
        ids = [one.id for one in self.receivers if self.visible.may_hear(one)]
        async with services.database.read() as connection:
            targets = await followed_targets(connection, ids)
            baskets = await market.baskets(connection, self.here.owner)
        own = {s for t in targets for s in (baskets[t].members if t in baskets else (t,))}
        card = await status(Request({}, services, self.here, self.now))
        return health_of(card.facts, own)

    async def _names(self) -> Known:
        async with self.slack.services.database.read() as connection:
            return Known(
                await market.baskets(connection, self.here.owner),
                await market.symbol_rows(connection),
                self.slack.services.releases.labs,
            )


async def read_home(slack: Slack, team: str, user: str, dm: str) -> Home:
    """All that the user sees; `dm` is their own conversation with the bot, "" for unknown."""
    now = slack.services.clock.now()

    async def reader() -> Reader:
        seen = await visible_to(slack, team, user, dm)
        async with slack.services.database.read() as connection:
            found = await receivers.fellows(connection, place(team, "", ""))
        return Reader(slack, team, now, seen, found)

    made = await _tried(reader)
    if made is None:
        nobody = Reader(slack, team, now, Visible(frozenset(), frozenset()), ())
        return Home(now, None, None, None, await _tried(nobody.health))
    watched, falls, channels, health = await asyncio.gather(
        _tried(made.watched), _tried(made.falls), _tried(made.channels), _tried(made.health)
    )
    return Home(now, watched, falls, channels, health)


async def _tried(part: Callable[[], Awaitable[T]]) -> T | None:
    """A part of the tab; None where it cannot be read, or takes too long."""

    async def read() -> T:
        return await part()

    reading = begin(read())
    if not await within(PART_SECONDS, reading):
        log.warning("a part of the Home tab takes longer than %g seconds", PART_SECONDS)
        return None
    try:
        return reading.result()
    except Exception:  # whatever it is, the other parts are shown
        log.exception("a part of the Home tab could not be read")
        return None
