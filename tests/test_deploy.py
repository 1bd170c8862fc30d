"""What the bot is installed with: linted, since images and units cannot be built everywhere."""

import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from bot.config import OWN_VARIABLES, PREFIX, SECRETS, keys

ROOT = Path(__file__).parents[1]
DOCKERFILE, COMPOSE = ROOT / "Dockerfile", ROOT / "compose.yaml"
UNIT = ROOT / "deploy" / "aftershock.service"
KNOWN = {f"{PREFIX}{secret.upper()}_FILE" for secret in SECRETS} | set(OWN_VARIABLES)
# systemd counts from 0, locked up, to 10, wide open.
MOST_EXPOSED = 1.5


def _tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine: NOT LINTED")
    return found


def _said(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_dockerfile_is_without_fault() -> None:
    found = _said(_tool("hadolint"), "--no-color", str(DOCKERFILE))
    assert (found.stdout + found.stderr, found.returncode) == ("", 0)


def test_the_image_gets_all_that_the_package_is_made_of_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    names = {name.strip("./") for line in copied for name in line.split()}
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert names == allowed
    assert {"bot", "cogs", "storage", "config.example.toml", "requirements.lock"} <= names
    assert all((ROOT / name).exists() for name in names)


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (.+)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert users == ["10001"]


@pytest.fixture
async def port() -> AsyncIterator[tuple[int, list[int]]]:
    """A server of /healthz, and the status that it answers next."""
    status = [200]

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(status=status[0])

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    yield site._server.sockets[0].getsockname()[1], status  # type: ignore[attr-defined]
    await runner.cleanup()


async def test_the_image_is_unhealthy_when_healthz_says_so(port: tuple[int, list[int]]) -> None:
    import asyncio
    import json

    number, status = port
    text = DOCKERFILE.read_text("utf-8")
    command = json.loads(text.split("CMD ", 1)[1].splitlines()[0])
    assert command[:2] == ["python", "-c"]
    code = command[2].replace(":9464", f":{number}")
    assert code != command[2]
    for answers, ends in ((200, 0), (503, 1)):
        status[0] = answers
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stderr=asyncio.subprocess.DEVNULL
        )
        assert await child.wait() == ends


def test_compose_is_without_fault_and_locked_up() -> None:
    found = _said(_tool("yamllint"), "--strict", str(COMPOSE))
    assert (found.stdout + found.stderr, found.returncode) == ("", 0)
    read = yaml.safe_load(COMPOSE.read_text("utf-8"))
    service = read["services"]["aftershock"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "ports" not in service, "nothing of the bot is reached from outside"
    assert set(service["secrets"]) == set(read["secrets"])
    assert set(service["environment"]) <= KNOWN
    files = {f"/run/secrets/{name}" for name in read["secrets"]}
    assert set(service["environment"].values()) == files


def test_the_unit_is_without_fault(tmp_path: Path) -> None:
    tool = _tool("systemd-analyze")
    # The program is not where the unit expects it on this machine; another stands for it.
    unit = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8")
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    found = _said(tool, "verify", str(unit))
    assert (found.stdout + found.stderr, found.returncode) == ("", 0)
    exposed = _said(tool, "security", "--offline=true", "--no-pager", str(unit)).stdout
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", exposed)
    assert level is not None
    assert float(level[1]) <= MOST_EXPOSED


def test_the_unit_names_settings_that_there_are() -> None:
    named = re.findall(rf"({PREFIX}\w+)=", UNIT.read_text("utf-8"))
    assert set(named) <= KNOWN
    assert len(named) == len(set(named))
    assert "health" in keys()
