"""`run` as a process whose servers say its secrets back to it: none is written anywhere."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copyfile

import pytest
from aiohttp import web

from tests.test_redaction import DISCORD, ODD, SIGNING, shows

BOT, APP = "xoxb-" + "11111111-22222222-ofthebotofthebotofthebot", "xapp-1-A1-2-" + "ab12" * 9
SECRETS = {
    "DISCORD_TOKEN": DISCORD,
    "SLACK_BOT_TOKEN": BOT,
    "SLACK_APP_TOKEN": APP,
    "SLACK_SIGNING_SECRET": SIGNING,
    "SLACK_CLIENT_SECRET": ODD.replace("\n", ""),
    "SLACK_KEY": "Zm9yIHRlc3RzIG9ubHksIDMyIGJ5dGVzIGxvbmchISE=",
}


class Echo:
    """A server that refuses everything in words that repeat what it was sent."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    async def answer(self, request: web.Request) -> web.Response:
        sent = f"{request.headers.get('Authorization', '')} {await request.text()}"
        self.asked.add(request.path)
        if request.path.startswith("/slack"):
            every = "&".join((*SECRETS.values(), sent))
            return web.json_response({"ok": False, "error": f"refused: {every}"})
        return web.Response(status=400, text=f"Improper {sent} {sent!r}")


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Echo, str]]:
    echo, site = Echo(), web.Application()
    site.router.add_route("*", "/{path:.*}", echo.answer)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield echo, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("form", ["json", pytest.param("text", marks=pytest.mark.faults)])
async def test_no_secret_is_written(
    echo: tuple[Echo, str], form: str, tmp_path: Path, history_file: Path
) -> None:
    server, base = echo
    data = tmp_path / "data"
    data.mkdir()
    copyfile(history_file, data / "aftershock.db")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AFTERSHOCK_")}
    environ |= {f"AFTERSHOCK_{name}": value for name, value in SECRETS.items()}
    environ |= {
        "XDG_CONFIG_HOME": str(tmp_path), "AFTERSHOCK_DATA": str(data),
        "AFTERSHOCK_MARKET__SOURCE": "shipped", "AFTERSHOCK_FEEDS__ENABLED": "no",
        "AFTERSHOCK_PRICES__ENABLED": "no", "AFTERSHOCK_HEALTH__LISTEN": "",
        "AFTERSHOCK_DISCORD__API_URL": f"{base}/discord",
        "AFTERSHOCK_SLACK__API_URL": f"{base}/slack",
        "AFTERSHOCK_LOG__FORMAT": form, "AFTERSHOCK_LOG__LEVEL": "debug",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environ, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        lines = []
        while line := await asyncio.wait_for(process.stderr.readline(), 60):
            lines.append(line.decode())
            if "watching" in lines[-1]:
                process.send_signal(signal.SIGTERM)
        out = await process.stdout.read() if process.stdout else b""
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
    assert {"/discord/users/@me", "/slack/apps.connections.open"} <= server.asked
    written = "".join(lines)
    assert "Discord cannot be reached" in written
    assert "Slack cannot be reached" in written
    assert written.count("[secret]") >= 7
    if form == "json":
        assert all(json.loads(line)["event"] for line in lines)
    kept = b"".join(p.read_bytes() for p in data.rglob("*") if p.is_file())
    for name, secret in SECRETS.items():
        assert not shows(written + out.decode(), secret), name
        assert secret.encode() not in kept, name
