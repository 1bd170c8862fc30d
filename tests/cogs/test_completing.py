"""What is offered while an option is typed."""

import pytest

from tests.cogs.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("line", "focused", "typed", "values"),
    [
        ("drawdown", "target", "nvd", ["NVDA"]),
        ("drawdown", "target", "micron", ["MU"]),
        ("basket add", "symbols", "NVDA, am", ["NVDA,AMD"]),
        ("releases latest", "lab", "deeps", ["DeepSeek"]),
        ("subscribe releases", "labs", "OpenAI, deeps", ["OpenAI,DeepSeek"]),
        ("subscribe releases", "kinds", "vid", ["video"]),
        ("model", "names", "GPT-4o,deepseek-r", ["GPT-4o,DeepSeek-R1"]),
        ("subscribe digest", "basket", "ai", ["ai"]),
        ("channel", "timezone", "taip", ["Asia/Taipei"]),
        ("help", "command", "alert a", ["alert add"]),
        ("alert add", "repeat", "6", ["6h"]),
    ],
)
async def test_what_is_typed_is_completed(
    town: Town, line: str, focused: str, typed: str, values: list[str]
) -> None:
    where = town.guild.add_channel("typing")
    asked = town.server.interact.autocomplete(line, focused, typed, by=town.member, where=where)
    offered = await asked.choices()
    assert asked.refused == []
    assert [one["value"] for one in offered][: len(values)] == values
    assert all(len(one["name"]) <= 100 for one in offered)
    assert len(offered) <= 25


async def test_what_was_added_is_offered_by_its_number_where_it_is(town: Town) -> None:
    here, beside = town.guild.add_channel("numbered"), town.guild.add_channel("beside")
    added = await town.ask("alert add", {"target": "NVDA"}, by=town.manager, where=here)
    number = int(added.embed["title"].split(":")[0].removeprefix("Alert "))
    interact = town.server.interact
    for where, offered in ((here, [number]), (beside, [])):
        asked = interact.autocomplete("alert remove", "number", "", by=town.manager, where=where)
        assert [one["value"] for one in await asked.choices()] == offered
    asked = interact.autocomplete("alert remove", "number", "nvda", by=town.manager, where=here)
    (choice,) = await asked.choices()
    assert choice["name"].startswith(f"{number} · NVDA is ")
