"""The end of the set-up wizard: what it changes in words, storing it, and the sample."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.cards import to_discord
from bot.cards.to_discord import plain
from bot.errors import SurfaceStopped, UserError
from bot.model.receiver import Receiver
from bot.model.wording import listing
from bot.surfaces.answering import line, plainly
from cogs.draft import FRONTIER, Change, figures
from cogs.permissions import missing, receiver_at
from cogs.speaking import ask, changed_at, files, request_of
from storage import reach

if TYPE_CHECKING:
    from cogs.setup import Wizard

# Of the 2,000 characters of a message; the rest is for the channel's name and the sentences.
MOST_PLANNED, MOST_DONE, MOST_FAILED = 1200, 800, 400
UNANSWERED = (discord.DiscordException, aiohttp.ClientError, OSError, SurfaceStopped)
log = logging.getLogger(__name__)


@dataclass
class Done:
    """What finishing did, in sentences; what it could not do; and how the sample fared."""

    did: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    sample: str = ""


async def lacks(interaction: discord.Interaction[Any], channel_id: int) -> list[str]:
    """What the bot lacks in a channel, in Discord's own words."""
    guild = interaction.guild
    if channel_id == interaction.channel_id or guild is None:
        return missing(interaction)
    channel: Any = guild.get_channel_or_thread(channel_id)
    if channel is None:  # an old thread is not in memory
        try:
            channel = await interaction.client.fetch_channel(channel_id)
        except (discord.Forbidden, discord.NotFound):
            return ["View Channel"]
    return missing(channel)


def planned(wizard: "Wizard") -> list[str]:
    """What finishing will change, a line each; Discord's markdown."""
    changes = wizard.changes()
    if not changes:
        return ["Nothing changes: all of this is set already."]
    return fitting([f"- {_will(change, wizard)}" for change in changes], MOST_PLANNED)


def fitting(lines: Sequence[str], most: int) -> list[str]:
    """As many of these lines as make `most` characters, and how many are left out."""
    kept: list[str] = []
    room = most
    for line_ in lines:
        room -= len(line_) + 1
        if room < 0:
            return [*kept, f"- … and {len(lines) - len(kept)} more"]
        kept.append(line_)
    return kept


def _will(change: Change, wizard: "Wizard") -> str:
    draft = wizard.draft
    basket = wizard.offer.baskets.get(change.target)
    title = plain(basket.title if basket else change.target)
    lab = _lab(change.target, wizard)
    return {
        "add": f"tell when {title} fall {figures(draft.levels)}% below their peak",
        "levels": f"alert {change.number}, {title}: levels {figures(draft.levels)}%",
        "remove": f"remove alert {change.number}, {title}",
        "tell": f"tell new models of {lab}",
        "end": f"end subscription {change.number}, new models of {lab}",
        "how": f"time zone {plain(draft.time_zone)}, quiet hours {draft.quiet}",
    }[change.kind]


def _lab(key: str, wizard: "Wizard") -> str:
    if key == FRONTIER:
        return "all frontier labs"
    labs = wizard.services.releases.labs
    return plain(labs[key].name if key in labs else key)


async def finish(wizard: "Wizard", interaction: discord.Interaction[Any]) -> Done:
    """Store what the draft changes, each as its command would, and post a sample."""
    given, services = wizard.receiver, wizard.services
    receiver = await receiver_at(services, int(given.address), given.title, wizard.guild_id)
    done = Done()
    for change in wizard.changes():
        try:
            done.did.append(await _make(change, wizard, receiver, interaction.user))
        except UserError as error:
            done.failed.append(plainly(error, "/setup"))
    if done.did:
        await changed_at(interaction, receiver)
    done.sample = await _sample(wizard, receiver, interaction)
    return done


async def _make(
    change: Change, wizard: "Wizard", receiver: Receiver, user: discord.User | discord.Member
) -> str:
    draft, services = wizard.draft, wizard.services
    add = line("/alert add", target=change.target, levels=figures(draft.levels))
    if change.kind == "levels":
        from bot.answers.relevel import relevel  # not before it is asked: it is slow

        card = await relevel(request_of(services, receiver, user, add), change.number)
        return card.title
    lab = None if change.target == FRONTIER else change.target
    command = {
        "add": add,
        "remove": line("/alert remove", number=change.number),
        "tell": line("/subscribe releases", labs=lab),
        "end": line("/subscribe remove", number=change.number),
        "how": line("/channel", timezone=draft.time_zone, quiet=draft.quiet),
    }[change.kind]
    card = await ask(command, services, receiver, user)
    if change.kind == "how":
        return f"Time zone {draft.time_zone}, quiet hours {draft.quiet}"
    return card.title


async def _sample(
    wizard: "Wizard", receiver: Receiver, interaction: discord.Interaction[Any]
) -> str:
    """Post how the first basket stands now, marked as a sample; what became of it.

    A channel that was given up is told things again where the bot may post there, even though there
    be no sample.
    """
    said, may_post = await _posted(wizard, receiver, interaction)
    if wizard.present.disabled:
        if may_post is None:
            may_post = await _may_post(interaction, int(receiver.address))
        if may_post:
            now = wizard.services.clock.now()
            await wizard.services.database.write(lambda c: reach.enable(c, receiver.id, now))
    return said


async def _may_post(interaction: discord.Interaction[Any], channel_id: int) -> bool:
    try:
        return not await lacks(interaction, channel_id)
    except UNANSWERED:
        return False


async def _posted(
    wizard: "Wizard", receiver: Receiver, interaction: discord.Interaction[Any]
) -> tuple[str, bool | None]:
    """What became of the sample, and whether the channel takes messages; None if nobody knows."""
    target = next(iter(wizard.draft.baskets), None)
    command = line("/drawdown", target=target) if target else line("/releases latest", count=3)
    try:
        card = await ask(command, wizard.services, receiver, interaction.user)
    except UserError as error:
        return f"No sample was posted: {plainly(error, '/setup')}", None
    note = "A sample of what this channel will be told; nothing was crossed just now."
    rendered = to_discord.alert(replace(card, badge="sample", text=f"{note}\n{card.text}".rstrip()))
    channel = interaction.client.get_partial_messageable(int(receiver.address))
    try:
        await channel.send(
            rendered.content,
            embed=rendered.embed,
            files=await files(rendered),
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except UNANSWERED as error:
        log.info("no sample in %s: %s", receiver.address, error)
        why = error.text if isinstance(error, discord.HTTPException) else "Discord did not answer"
        lacking = f"; the bot lacks {listing(wizard.missing)} there" if wizard.missing else ""
        refused = isinstance(error, discord.HTTPException) and error.status < 500
        return f"The sample could not be posted{lacking or f': {why}'}.", False if refused else None
    return "A sample was posted there.", True


def summary(wizard: "Wizard", done: Done) -> str:
    """The last word: what was set, what was not, and how to change it later."""
    lines = [f"**{plain(wizard.receiver.title)}** is set up."]
    if done.failed:
        lines = [f"**{plain(wizard.receiver.title)}** is set up in part."]
    elif not done.did:
        lines = [f"**{plain(wizard.receiver.title)}** was set up so already; nothing changed."]
    lines += fitting([f"- {plain(text)}" for text in done.did], MOST_DONE)
    lines += fitting([f"- Not done: {plain(text)}" for text in done.failed], MOST_FAILED)
    lines += [plain(done.sample), "Change it with /channel or /setup at any time."]
    return "\n".join(lines)
