"""What listeners still do when the program ends: waited for briefly, then broken off."""

import asyncio
from urllib.parse import urlencode

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.surfaces.slack.under_way import UnderWay


async def authorize(**_given: object) -> AuthorizeResult:
    """Everybody may ask."""
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")


class Slow:
    """An app whose one command answers at once, and is done when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.ended: list[str] = []
        self.app = AsyncApp(authorize=authorize, request_verification_enabled=False)
        self.under_way = UnderWay(self.app)

        @self.app.command("/aftershock")
        async def typed(ack: AsyncAck) -> None:
            await ack()
            try:
                await self.let.wait()
                self.ended.append("done")
            except asyncio.CancelledError:
                self.ended.append("broken off")
                raise

    async def ask(self) -> None:
        """Type the command."""
        body = urlencode({"command": "/aftershock", "team_id": "T1", "user_id": "U1"})
        said = await self.app.async_dispatch(AsyncBoltRequest(body=body, mode="http"))
        assert said.status == 200


async def test_what_is_under_way_is_finished() -> None:
    slow = Slow()
    await slow.under_way.finish()  # nothing is
    await slow.ask()
    ending = asyncio.create_task(slow.under_way.finish())
    await asyncio.sleep(0)
    assert not ending.done()
    slow.let.set()
    await ending
    assert slow.ended == ["done"]


async def test_what_takes_too_long_is_broken_off(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow()
    for _ in range(2):
        await slow.ask()
    await slow.under_way.finish(0)
    assert slow.ended == ["broken off"] * 2
    assert "2 answers on Slack did not finish in time" in caplog.text
