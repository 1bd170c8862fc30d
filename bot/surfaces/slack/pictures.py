"""Charts as files that Slack keeps: drawn and uploaded once, shown in any number of channels."""

import asyncio
from collections.abc import Hashable

from bot.cards.charts import draw
from bot.model.card import Chart
from bot.surfaces.shared import Shared
from bot.surfaces.slack.pacing import Pacing
from bot.surfaces.slack.workspaces import Workspace

# How long a picture may take until Slack can show it: a message's deadline is 20 s.
PICTURE_SECONDS = 8.0
# How often Slack is asked whether it can, and how long nobody tries what has just failed.
LOOK_SECONDS, PAUSE_SECONDS = 0.4, 30.0
KEPT, KEPT_SECONDS = 64, 4 * 3600.0
DRAWN, DRAWN_SECONDS = 16, 600.0
FILES = "files"
# Both go into an address, in which a letter that is not ASCII takes up to nine characters.
LONGEST_TITLE, LONGEST_ALT = 150, 400


class SlackPictures:
    """The charts that Slack keeps. Files belong to the bot alone; whoever sees a message that
    shows one sees the picture.
    """

    def __init__(
        self,
        pacing: Pacing,
        seconds: float = PICTURE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._pacing, self._seconds, self._look = pacing, seconds, look_seconds
        self._drawn = Shared[bytes](DRAWN, DRAWN_SECONDS)
        self._files = Shared[str](KEPT, KEPT_SECONDS, PAUSE_SECONDS)

    async def file_of(self, workspace: Workspace, chart: Chart) -> str:
        """The id of the file that holds the chart in that workspace; uploaded if it is new.

        Raises what goes wrong, and TimeoutError where it takes too long; for a while after that
        it is not tried again.
        """
        key = chart.key

        async def file() -> str:
            async with asyncio.timeout(self._seconds):
                return await self._upload(workspace, chart, await self._png(key, chart))

        return await self._files.result((workspace.team, key), file)

    def forget(self, workspace: Workspace, chart: Chart) -> None:
        """Slack does not have that file any more: upload it again when it is next asked for."""
        self._files.forget((workspace.team, chart.key))

    async def _png(self, key: Hashable, chart: Chart) -> bytes:
        return await self._drawn.result(key, lambda: draw(chart, dark=False))

    async def _upload(self, workspace: Workspace, chart: Chart, png: bytes) -> str:
        with self._pacing.method(workspace.team, FILES):
            # Without a channel: a file in a channel would be a message of its own.
            said = await workspace.client.files_upload_v2(
                filename="chart.png",
                file=png,
                title=chart.title[:LONGEST_TITLE],
                alt_txt=chart.alt[:LONGEST_ALT],
            )
            file = str(said["files"][0]["id"])
            while not await self._is_ready(workspace, file):  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(self._look)
        return file

    async def _is_ready(self, workspace: Workspace, file: str) -> bool:
        """Whether Slack knows what kind of file it is; before, it does not show it."""
        said = (await workspace.client.files_info(file=file)).get("file") or {}
        return bool(said.get("mimetype")) or any(name.startswith("thumb_") for name in said)
