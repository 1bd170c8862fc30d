"""What every listener is handed; no globals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp

from bot.model.card import Chart
from bot.services import Services
from bot.surfaces.slack.workspaces import Workspace, Workspaces


class Pictures(Protocol):
    """Charts, drawn and kept by Slack."""

    async def file_of(self, workspace: Workspace, chart: Chart) -> str:
        """The id of the file that holds the chart in that workspace; uploaded if it is new."""
        ...


@dataclass(frozen=True)
class Slack:
    """What the listeners need. `known` keeps what Slack said of people and channels, by key."""

    services: Services
    workspaces: Workspaces
    pictures: Pictures
    known: dict[tuple[str, str, str], tuple[float, Any]] = field(default_factory=dict)


# Adds a kind of listeners to the app.
Register = Callable[[AsyncApp, Slack], None]
