"""`/alert test` and the replay fold the same step: they name the same days."""

import pytest

from tests.asking import ask
from tests.replaying import replayed, told


@pytest.mark.parametrize(("target", "first"), [("ai", "2025-02-21")])
async def test_the_replay_tells_on_the_days_that_a_back_test_names(target: str, first: str) -> None:
    last = "2025-02-27"
    async with replayed(first, last, (target,)) as (services, receiver, messages):
        days = [day for day, action, _target in told(messages) if action != "edit"]
        card = await ask(f"/alert test {target} drawdown 5,10,15,20,30", services, receiver)
        listed = await ask("/alert list", services, receiver)
    assert listed.facts["alerts"][0]["levels"] == card.facts["levels"]
    assert days == [day for day in card.facts["dates"] if first <= day <= last]
    assert len(days) > 1
