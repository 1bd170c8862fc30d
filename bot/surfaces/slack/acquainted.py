"""Asking Slack at the start who the bot is, again and again until it answers."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_sdk.errors import SlackApiError

from bot.errors import TokenRefused
from bot.surfaces.slack.link import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    PASSING,
    START_SECONDS,
    asked_wait,
    short,
)
from bot.surfaces.slack.places import SURFACE
from bot.surfaces.slack.workspaces import REFUSED, OneWorkspace, code_of

TOKEN_REFUSED = (
    "Slack refuses the token in AFTERSHOCK_SLACK_BOT_TOKEN ({code}); copy it again from "  # noqa: S105 - words, not a token
    "api.slack.com/apps, under OAuth & Permissions."
)
log = logging.getLogger(__name__)


@asynccontextmanager
async def acquainted(
    workspace: OneWorkspace, first_pause: float | None = None
) -> AsyncIterator[None]:
    """Known to the workspace, or still asking, until the context ends.

    Raises TokenRefused where Slack refuses the bot's token at the start.
    """
    first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    pause = FIRST_PAUSE if first_pause is None else first_pause
    task = asyncio.create_task(_ask(workspace, pause, first))
    try:
        # The others do not wait for it longer: it may be Slack that is down.
        await asyncio.wait((first,), timeout=START_SECONDS)
        if first.done():
            first.result()
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        first.cancel()


async def _ask(workspace: OneWorkspace, pause: float, first: "asyncio.Future[None]") -> None:
    while True:
        try:
            known = await workspace.look()
        except PASSING as error:
            code = code_of(error) if isinstance(error, SlackApiError) else ""
            if code in REFUSED:
                refused = TokenRefused(TOKEN_REFUSED.format(code=code), SURFACE)
                log.error("%s", refused)
                if not first.done():
                    first.set_exception(refused)
                pause = LONGEST_PAUSE
            elif not first.done():
                first.set_result(None)
            wait = max(pause, asked_wait(error))
            log.warning(
                "Slack does not say who the bot is (%s); again in %.0f s", short(error), wait
            )
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            log.info("on Slack in %s", known.name)
            if not first.done():
                first.set_result(None)
            return
