"""The documents are true: pages written from tables are current, links lead somewhere."""

import re
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from bot.config import SECRETS, keys
from bot.model.command import Command
from tests.documents import DOCS, PAGES, SECRET_WORDS

ROOT = DOCS.parent
TEXTS = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), ROOT / "bot/shipped/README.md"])
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_written_from_a_table_is_current(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_command_and_option_is_explained(command: Command) -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert f"`{command.usage}`" in page
    for option in command.options:
        assert f"| `{option.name}` | {option.help.replace('|', chr(92) + '|')}" in page


def test_every_setting_and_secret_is_explained() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    assert set(SECRET_WORDS) == set(SECRETS)
    for section, inner in keys().items():
        part = page.split(f"## [{section}]\n")[1].split("\n## ")[0]
        assert [line.split("`")[1] for line in part.splitlines() if line.startswith("| `")] == list(
            inner
        )


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(text: Path) -> None:
    for target, _part in LINK.findall(text.read_text("utf-8")):
        if "://" not in target:
            assert (text.parent / target).exists(), target


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"/{command.path[0]}" in readme, command.name
