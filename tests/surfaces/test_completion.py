"""What the prompt offers while a line is typed."""

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from bot.commands import COMMANDS
from bot.surfaces.completion import LineCompleter
from bot.surfaces.names import Names
from tests.asking import CONSOLE

NAMES = Names(
    symbols={"NVDA": "Nvidia", "NVO": "Novo Nordisk", "AMD": "AMD", "005930.KS": "Samsung"},
    baskets={"ai": "AI stocks", "ai-chips": "AI chip stocks"},
    labs={"DeepSeek": "", "Mistral AI": ""},
)


def lines(line: str) -> list[str]:
    """The whole line as each completion would leave it."""
    found = LineCompleter(NAMES, CONSOLE).get_completions(Document(line), CompleteEvent())
    return [line[: len(line) + one.start_position] + one.text for one in found]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("/dr", ["/drawdown"]),
        ("dr", ["/drawdown"]),
        ("/DR", ["/drawdown"]),
        ("ex", ["exit"]),
        ("/releases t", ["/releases timeline"]),
        ("releases  t", ["releases  timeline"]),
        ("/drawdown nv", ["/drawdown NVDA", "/drawdown NVO"]),
        ("/drawdown nvi", ["/drawdown NVDA"]),
        ("/drawdown ai", ["/drawdown ai", "/drawdown ai-chips"]),
        ("/drawdown sams", ["/drawdown 005930.KS"]),
        ("/drawdown NVDA 1", ["/drawdown NVDA 1m", "/drawdown NVDA 1y"]),
        ("/drawdown NVDA wi", ["/drawdown NVDA window="]),
        ("/drawdown NVDA window=6", ["/drawdown NVDA window=6m"]),
        ("/drawdown window=6m nvd", ["/drawdown window=6m NVDA"]),
        ("/alert add target=nvd", ["/alert add target=NVDA"]),
        ("/alert add NVDA pe-", ["/alert add NVDA pe-above", "/alert add NVDA pe-below"]),
        ("/alert add NVDA once=", ["/alert add NVDA once=yes", "/alert add NVDA once=no"]),
        ("/basket show ai-", ["/basket show ai-chips"]),
        ("/basket add mine NVDA,am", ["/basket add mine NVDA,AMD"]),
        ("/releases latest deep", ["/releases latest DeepSeek"]),
        ("/releases latest mis", ['/releases latest "Mistral AI"']),
        ("/help drawd", ["/help drawdown"]),
        ("/nonsense a", []),
        ("/drawdown nonsense=a", []),
        ("/drawdown NVDA 1y nv", []),
    ],
)
def test_a_line_is_completed(line: str, completed: list[str]) -> None:
    assert lines(line) == completed


def test_an_empty_line_offers_every_command() -> None:
    assert set(lines("/")) >= {f"/{command.path[0]}" for command in COMMANDS}


@pytest.mark.parametrize("group", sorted({c.path[0] for c in COMMANDS if len(c.path) > 1}))
def test_a_command_offers_each_of_its_subcommands(group: str) -> None:
    offered = {line.split()[-1] for line in lines(f"/{group} ")}
    assert offered == {c.path[1] for c in COMMANDS if c.path[0] == group}


def test_names_found_later_are_offered() -> None:
    names = Names()
    completer = LineCompleter(names, CONSOLE)
    names.symbols = {"NVDA": "Nvidia"}
    found = completer.get_completions(Document("/drawdown nv"), CompleteEvent())
    assert [one.text for one in found] == ["NVDA"]
