"""Discord's slash commands, buttons and panels. Thin: what they say comes from the answers."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord import app_commands, ui
    from discord.ext import commands

    from bot.services import Services
    from bot.surfaces.names import Names


def every(services: "Services", names: "Names") -> "list[commands.Cog]":
    """A cog of each topic, together with every command of the table; one for leftover presses."""
    from cogs.about import About
    from cogs.alerts import Alerts
    from cogs.basket import Baskets
    from cogs.channel import Channels
    from cogs.cost import Cost
    from cogs.feeds import Feeds
    from cogs.market import Market
    from cogs.releases import Releases
    from cogs.room import Rooms
    from cogs.steps import Leftovers

    topics = (Market, Releases, Cost, Feeds, Alerts, Channels, Rooms, Baskets, About)
    return [*(topic(services, names) for topic in topics), Leftovers()]


def dynamic_items() -> "tuple[type[ui.DynamicItem[Any]], ...]":
    """The buttons that work after a restart, for `Client.add_dynamic_items`."""
    from cogs.buttons import ITEMS
    from cogs.sharing import Share

    return (*ITEMS, Share)


def fingerprint(tree: "app_commands.CommandTree[Any]") -> str:
    """A hash of all that Discord is told of the tree's commands; equal while nothing changed."""
    payload = sorted((one.to_dict(tree) for one in tree.get_commands()), key=lambda c: c["name"])
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
