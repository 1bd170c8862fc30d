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
    START_SECONDS,
    Broken,
    asked_wait,
    short,
)
from bot.surfaces.slack.places import SURFACE
from bot.surfaces.slack.workspaces import PASSING, REFUSED, OneWorkspace, code_of

TOKEN_REFUSED = (
    "Slack refuses the token in AFTERSHOCK_SLACK_BOT_TOKEN ({code}); copy it again from "  # noqa: S105 - words, not a token
    "api.slack.com/apps, under OAuth & Permissions."
)
log = logging.getLogger(__name__)


@asynccontextmanager
async def acquainted(
    workspace: OneWorkspace,
    first_pause: float | None = None,
    broken: Broken = lambda _why: None,
) -> AsyncIterator[None]:
    """Known to the workspace, or still asking, until the context ends.

    `broken` hears why Slack does not say who the bot is. Raises TokenRefused where Slack refuses
    the bot's token at the start.
    """
    first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    pause = FIRST_PAUSE if first_pause is None else first_pause
    task = asyncio.create_task(_ask(workspace, pause, first, broken))
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


async def _ask(
    workspace: OneWorkspace, pause: float, first: "asyncio.Future[None]", broken: Broken
) -> None:
    said = ""
    while True:
        try:
            known = await workspace.look()
        except Exception as error:  # whatever it is, it is asked again
            refused = _refusal(error)
            why = str(refused) if refused else f"Slack does not say who the bot is ({short(error)})"
            if why != said:  # what lasts is said once
                said = why
                trace = None if isinstance(error, PASSING) else error
                level = logging.ERROR if refused or trace else logging.WARNING
                # Refused at the start, Slack is left out.
                more = "" if refused and not first.done() else " It is asked again and again."
                log.log(level, "%s%s", _sentence(why), more, exc_info=trace)
            broken(_sentence(why))
            if not first.done():
                first.set_exception(refused) if refused else first.set_result(None)
            pause = LONGEST_PAUSE if refused else pause
            await asyncio.sleep(max(pause, asked_wait(error)))
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            log.info("on Slack in %s", known.name)
            if not first.done():
                first.set_result(None)
            return


def _refusal(error: Exception) -> TokenRefused | None:
    code = code_of(error) if isinstance(error, SlackApiError) else ""
    return TokenRefused(TOKEN_REFUSED.format(code=code), SURFACE) if code in REFUSED else None


def _sentence(why: str) -> str:
    return why if why.endswith(".") else f"{why}."
