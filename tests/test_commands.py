"""The command table, and reading a line against it."""

import re
from datetime import timedelta
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any

import pytest

from bot.commands import COMMANDS, find_answer, parse
from bot.errors import UserError
from bot.market.drawdown import WINDOWS
from bot.model.command import Command
from bot.parsing import read_options


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_whole(command: Command) -> None:
    module, _, name = command.answer.partition(":")
    assert iscoroutinefunction(getattr(import_module(module), name))
    assert find_answer(command) is getattr(import_module(module), name)
    assert parse(command.example).command is command
    assert len(command.path) <= 2
    assert len(command.summary) <= 100  # Discord's limit
    for option in command.options:
        assert re.fullmatch(r"[a-z_]{1,32}", option.name)
        assert option.help
        assert len(option.help) <= 100
    required = [option.required for option in command.options]
    assert required == sorted(required, reverse=True)


def test_windows_of_the_table_are_those_of_the_market() -> None:
    option = next(c for c in COMMANDS if c.path == ("drawdown",)).options[1]
    assert option.choices == tuple(WINDOWS)


@pytest.mark.parametrize(
    ("line", "path", "options"),
    [
        ("/drawdown", ("drawdown",), {"target": None, "window": "1y"}),
        ("drawdown nvda 5y", ("drawdown",), {"target": "nvda", "window": "5y"}),
        ("/DRAWDOWN window=3M ai", ("drawdown",), {"target": "ai", "window": "3m"}),
        ("/alert add NVDA levels=20,10% members=yes", ("alert", "add"),
         {"target": "NVDA", "condition": "drawdown", "levels": (20.0, 10.0), "window": None,
          "members": True, "once": False, "repeat": None, "expires": None, "mention": None}),
        ("/alert add NVDA drawdown −12.5%", ("alert", "add"),
         {"target": "NVDA", "condition": "drawdown", "levels": (-12.5,), "window": None,
          "members": False, "once": False, "repeat": None, "expires": None, "mention": None}),
        ("/alert remove 3", ("alert", "remove"), {"number": 3}),
        ("/drawdown NVDA --window 3m", ("drawdown",), {"target": "NVDA", "window": "3m"}),
        ("/cost price gpt-5 --as-of 2025-01-28", ("cost", "price"),
         {"model": "gpt-5", "on": "2025-01-28", "provider": None}),
        ("/model gpt 4o, claude opus,o1", ("model",), {"names": ("gpt 4o", "claude opus", "o1")}),
        ("/model o1,O1, ,o1", ("model",), {"names": ("o1",)}),
        ("/subscribe releases OpenAI,DeepSeek code,language yes", ("subscribe", "releases"),
         {"labs": ("OpenAI", "DeepSeek"), "kinds": ("code", "language"), "open_only": True,
          "keywords": None, "without": None, "rumours": False, "study": "unusual", "role": None}),
        ("/subscribe releases labs=Stability AI, Black Forest Labs without=lite", (
            "subscribe", "releases"),
         {"labs": ("Stability AI", "Black Forest Labs"), "kinds": None, "open_only": False,
          "keywords": None, "without": ("lite",), "rumours": False,
          "study": "unusual", "role": None}),
        ("/alert add NVDA levels=10, 20 window=6m", ("alert", "add"),
         {"target": "NVDA", "condition": "drawdown", "levels": (10.0, 20.0), "window": "6m",
          "members": False, "once": False, "repeat": None, "expires": None, "mention": None}),
        ("/silence add NVDA until=2025-03-05 10:00", ("silence", "add"),
         {"what": "NVDA", "for": None, "until": "2025-03-05 10:00"}),
        ("/silence add alert 2", ("silence", "add"),
         {"what": "alert 2", "for": None, "until": None}),
        ("/silence add rule 2 1d", ("silence", "add"),
         {"what": "rule 2", "for": timedelta(days=1), "until": None}),
        ("/silence add what=alert 2 until=2025-03-05 10:00", ("silence", "add"),
         {"what": "alert 2", "for": None, "until": "2025-03-05 10:00"}),
        ("/silence add alert 1d", ("silence", "add"),
         {"what": "alert", "for": timedelta(days=1), "until": None}),
        ("/basket add mine NVDA, AMD My chips, and more", ("basket", "add"),
         {"name": "mine", "symbols": ("NVDA", "AMD"), "title": "My chips, and more"}),
        ('/basket add mine "nvda, amd" My chips', ("basket", "add"),
         {"name": "mine", "symbols": ("NVDA", "AMD"), "title": "My chips"}),
        ("/releases search llama 3.1", ("releases", "search"), {"words": "llama 3.1"}),
        ("/releases timeline DeepSeek open_only", ("releases", "timeline"),
         {"lab": "DeepSeek", "open_only": True, "months": 12}),
        ("/subscribe releases labs:OpenAI kinds:language open_only:no rumours without=mini",
         ("subscribe", "releases"),
         {"labs": ("OpenAI",), "kinds": ("language",), "open_only": False, "keywords": None,
          "without": ("mini",), "rumours": True, "study": "unusual", "role": None}),
        ("/alert explain Grok 4.7", ("alert", "explain"), {"target": "Grok 4.7"}),
        ("/help alert add", ("help",), {"command": "alert add"}),
        ("/cost training llama 3.1 405b", ("cost", "training"),
         {"models": ("llama 3.1 405b",), "rate": None}),
        ("/cost training deepseek v3, llama 3.1 405b rate=3", ("cost", "training"),
         {"models": ("deepseek v3", "llama 3.1 405b"), "rate": (3.0,)}),
        ("/cost training", ("cost", "training"), {"models": None, "rate": None}),
        ("/cost price deepseek r1 on=2025-01-28", ("cost", "price"),
         {"model": "deepseek r1", "on": "2025-01-28", "provider": None}),
        ("/cost compare gpt-4o vs deepseek v3", ("cost", "compare"),
         {"models": ("gpt-4o", "deepseek v3"), "mix": "3:1", "on": None}),
        ("/cost workload deepseek r1 10k 2,000 1M batch", ("cost", "workload"),
         {"model": "deepseek r1", "requests": 10_000, "input": 2000, "output": 1_000_000,
          "cached": 0, "batch": True, "peak": None}),
    ],
)  # fmt: skip
def test_a_line_is_read(line: str, path: tuple[str, ...], options: dict[str, Any]) -> None:
    parsed = parse(line)
    assert (parsed.command.path, dict(parsed.options)) == (path, options)


@pytest.mark.parametrize(
    ("words", "source", "target"),
    [
        ("gpt-4o deepseek-v3", "gpt-4o", "deepseek-v3"),
        ("gpt-4o deepseek r1", "gpt-4o", "deepseek r1"),
        ("claude opus to deepseek v4 pro", "claude opus", "deepseek v4 pro"),
        ("from claude opus to gpt-5", "claude opus", "gpt-5"),
        ("from=claude-2 to=gpt-5", "claude-2", "gpt-5"),
    ],
)
def test_a_move_reads_as_people_say_it(words: str, source: str, target: str) -> None:
    options = parse(f"/cost migrate {words} 1000 2000 500").options
    assert (options["from"], options["to"]) == (source, target)
    assert (options["requests"], options["input"], options["output"]) == (1000, 2000, 500)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/drawdwon NVDA", "/drawdwon is not a command; did you mean /drawdown?"),
        ("/xyzzy", "/xyzzy is not a command; /help lists them all."),
        ("", "Type a command"),
        ("/alert", "/alert needs one more word: /alert add, /alert list, /alert remove"),
        ("/alert ad NVDA", "did you mean /alert add?"),
        ("/alert add", "/alert add needs a symbol or basket; write /alert add <target>"),
        ("/drawdown NVDA 12m", "window must be 1m, 3m, 6m, 1y, 2y, 3y, 5y or max, not 12m."),
        ("/drawdown NVDA 1y now", "“now” is one word too many; write /drawdown [target]"),
        ("/drawdown windw=1y", "windw is not an option of /drawdown; did you mean window?"),
        ("/alert add NVDA levels=0", '"0" is not a level'),
        ("/alert add NVDA levels=ten", '"ten" is not a level; give percentages such as 5,10,20.'),
        ("/alert add NVDA drawdown ten", "give percentages such as 5,10,20."),
        ("/alert add NVDA levels=ten above", '"ten" is not a level; give a price such as 150.'),
        ("/alert add NVDA pe-above x", '"x" is not a level; give a P/E such as 40.'),
        ("/subscribe digest weekly", "every must be day or week, not weekly."),
        ("/silence add", "needs a symbol, a basket, an alert's number, a lab or all; write"),
        ("/alert add NVDA repeat=²h", "repeat ²h will not do; write 30m"),
        ("/releases search " + "x" * 501, "words is too long; give words of the model's or lab's"),
        ("/alert remove two", "number two will not do; give a whole number of 1 or more."),
        ("/drawdown NVDA window=1y window=2y", "window is given twice; keep one of them."),
        ("/drawdown NVDA window=", "window is empty; write window= and 1m, 3m,"),
        ("/cost workload o1 0 9 9", "requests 0 will not do; give a whole number of 1 or more."),
        ("/cost workload o1 20000m 9 9", "give a whole number from 1 to 10,000,000,000."),
        ("/releases latest count=99", "count 99 will not do; give a whole number from 1 to 50."),
        ("/releases latest open_only=perhaps", "say yes or no"),
        ("/basket add mine NV$A,AMD", '"NV$A" is not a symbol'),
        ('/drawdown "NVDA', "A quotation mark is not closed"),
        ("/drawdown target=", "target is empty"),
        ("/alert add NVDA levels=,", "levels is empty; give percentages such as 5,10,20."),
    ],
)
def test_a_mistake_gets_one_helpful_line(line: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        parse(line)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_what_was_typed_on_many_lines_is_repeated_on_one() -> None:
    command = next(one for one in COMMANDS if one.path == ("drawdown",))
    with pytest.raises(UserError) as said:
        read_options(command, {"target": "NVDA", "window": "one\n\n  year\n"})
    assert str(said.value).endswith("not one year.")
