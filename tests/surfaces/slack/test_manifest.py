"""The manifest: valid, and saying exactly what the bot listens to and may do."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.surfaces.slack.manifest import SCOPES, as_json, manifest
from bot.surfaces.slack.paths import EVENTS
from tests.surfaces.slack.schema import faults

SCHEMA = json.loads(Path(__file__).with_name("manifest_schema.json").read_text("utf-8"))
ADDRESS = "https://bot.example.com"


@pytest.mark.parametrize("url", [None, ADDRESS])
def test_slack_takes_it(url: str | None) -> None:
    made = manifest(url=url)
    assert list(faults(made, SCHEMA)) == []
    assert json.loads(as_json(made)) == made


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda made: made["display_information"].update(name="A" * 36), "has 36 characters"),
        (lambda made: made["display_information"].update(long_description="Short."), "6 char"),
        (lambda made: made["display_information"].update(background_color="blue"), "'blue'"),
        (lambda made: made["features"]["shortcuts"][0].update(type="slash"), "'slash'"),
        (lambda made: made["features"]["slash_commands"][0].pop("description"), "lacks descr"),
        (lambda made: made["settings"].update(socket_mode="yes"), "has no socket_mode"),
        (lambda made: made["oauth_config"]["scopes"]["bot"].append("commands"), "item twice"),
    ],
)  # fmt: skip
def test_the_schema_finds_what_slack_would_refuse(change: Any, wrong: str) -> None:
    made = manifest()
    change(made)
    (found,) = faults(made, SCHEMA)
    assert wrong in found


def test_with_a_socket_nothing_has_to_reach_the_bot() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"]
    assert "url" not in as_json(made)


@pytest.mark.parametrize("url", [ADDRESS, f"{ADDRESS}/", f" {ADDRESS} "])
def test_with_an_address_all_requests_go_there(url: str) -> None:
    made = manifest(url=url)
    requests = ADDRESS + EVENTS
    assert not made["settings"]["socket_mode_enabled"]
    assert made["settings"]["event_subscriptions"]["request_url"] == requests
    assert made["settings"]["interactivity"]["request_url"] == requests
    assert {one["url"] for one in made["features"]["slash_commands"]} == {requests}
    assert made["oauth_config"]["redirect_urls"] == [f"{ADDRESS}/slack/oauth_redirect"]


@pytest.mark.parametrize(
    "url",
    ["http://bot.example.com", "bot.example.com", "https://", "", "https://[", f"{ADDRESS}/?a"],
)
def test_an_address_that_slack_would_refuse_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="write one such as https://bot"):
        manifest(url=url)


def test_it_reads_well() -> None:
    made = manifest()
    commands = {one["command"]: one for one in made["features"]["slash_commands"]}
    assert commands["/aftershock"]["usage_hint"].startswith("drawdown NVDA")
    assert commands["/drawdown"]["usage_hint"] == "NVDA 1y"
    assert commands["/alert"]["usage_hint"].startswith("add NVDA drawdown 10,20, list, remove 2")
    assert all(one["should_escape"] for one in commands.values())
    assert len({one["description"] for one in commands.values()}) == len(commands)
    assert "!" not in as_json(made)


def test_every_scope_has_its_reason() -> None:
    assert manifest()["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert all(len(reason) > 10 for reason in SCOPES.values())
