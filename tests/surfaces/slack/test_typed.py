"""What Slack sends of a slash command → what somebody typed."""

import pytest

from bot.commands import COMMANDS, parse
from bot.errors import UserError
from bot.surfaces.slack.typed import ALIASES, SLASHES, line_of, refuse_mention, usage_of


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # As it stands, and pasted with the command's own name.
        ("drawdown NVDA 1y", "drawdown NVDA 1y"),
        ("/drawdown NVDA", "/drawdown NVDA"),
        ("/aftershock drawdown NVDA", "drawdown NVDA"),
        ("/Aftershock", "help"),
        ("  \u00a0 ", "help"),
        # What Slack writes as entities, each read once.
        ("releases search a&amp;b &lt;c&gt;", "releases search a&b <c>"),
        ("releases search &amp;lt;", "releases search &lt;"),
        ("releases search <|r1> <|>", "releases search r1"),  # Slack writes none without an address
        # What phones make of quotation marks, dashes and spaces.
        ("basket add my-chips NVDA title=“my chips”", 'basket add my-chips NVDA title="my chips"'),
        ("releases search ‘llama 3’", "releases search 'llama 3'"),
        ("releases search llama — 3 – 4", "releases search llama -- 3 -- 4"),
        ("channel quiet=22:00–07:00", "channel quiet=22:00-07:00"),
        ("alert add NVDA move —5", "alert add NVDA move -5"),
        ("drawdown\u00a0NVDA\u202f1y\ufeff", "drawdown NVDA 1y"),
        # What Slack puts between "<" and ">".
        ("releases search <http://llama.com|llama.com>", "releases search llama.com"),
        ("releases search <https://llama.com/a_b>", "releases search https://llama.com/a_b"),
        ("releases search <mailto:ann@x.org|ann@x.org>", "releases search ann@x.org"),
        ("releases search <mailto:ann@x.org>", "releases search ann@x.org"),
        ("silence add <#C024BE7LR|alerts>", "silence add #alerts"),
        ("silence add <#C024BE7LR|>", "silence add #C024BE7LR"),
        ("silence add <@U024BE7LH|ann>", "silence add @ann"),
        ("silence add <@U024BE7LH>", "silence add @U024BE7LH"),
        ("alert add AI mention=<!subteam^S012AB|@desk>", "alert add AI mention=<!subteam^S012AB>"),
        ("alert add AI mention=<!here|here>", "alert add AI mention=@here"),
        ("alert add AI mention=<!channel>", "alert add AI mention=@channel"),
        # Short forms, which are the first word only.
        ("DD nvda", "drawdown nvda"),
        ("dd", "drawdown"),
        ("new count=3", "releases latest count=3"),
        ("alerts", "alert list"),
        ("snooze NVDA 1d", "silence add NVDA 1d"),
        ("subs", "channel"),
        ("silence add dd", "silence add dd"),
        ("help snooze", "help silence add"),
        ("help alert add", "help alert add"),
    ],
)
def test_lines_are_read_as_they_were_typed(text: str, line: str) -> None:
    assert line_of("/aftershock", text) == line


@pytest.mark.parametrize(
    ("slash", "text", "line"),
    [
        ("/drawdown", "NVDA", "drawdown NVDA"),
        ("/drawdown", "", "drawdown"),
        ("/releases", "latest", "releases latest"),
        ("/alert", "add NVDA 10", "alert add NVDA 10"),
        ("/silence", "list", "silence list"),
    ],
)
def test_short_commands_begin_the_line(slash: str, text: str, line: str) -> None:
    assert slash in SLASHES
    assert line_of(slash, text) == line


@pytest.mark.parametrize("short", ALIASES)
def test_short_forms_stand_for_commands_and_hide_none(short: str) -> None:
    tail = " NVDA" if short == "snooze" else ""
    assert parse(line_of("/aftershock", short + tail)).command in COMMANDS
    assert short not in {command.path[0] for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_examples_are_read_as_in_any_other_place(command: object) -> None:
    example = command.example  # type: ignore[attr-defined]
    assert parse(line_of("/aftershock", example)) == parse(example)
    assert parse(line_of("/aftershock", example.lstrip("/"))) == parse(example)


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("drawdown NVDA 4y", "/drawdown [target] [window=1y]"),
        ("/Silence Remove x", "/silence remove <number>"),
        ("alert", ""),
        ("nothing at all", ""),
        ("", ""),
    ],
)
def test_usage_is_of_the_command_that_a_line_begins_with(line: str, usage: str) -> None:
    assert usage_of(line) == usage


def test_only_a_group_that_slack_resolved_can_be_mentioned() -> None:
    refuse_mention({})
    refuse_mention({"mention": None})
    refuse_mention({"mention": "<!subteam^S012AB>"})
    for other in ("@desk", "desk", "<!channel>", "<@U012AB>", "<!subteam^S1> <!here>"):
        with pytest.raises(UserError, match="is not a user group that Slack knows"):
            refuse_mention({"mention": other})
