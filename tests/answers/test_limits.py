"""How much a channel or server may have, and what of a channel that is gone stands in its way."""

from dataclasses import replace

import pytest

from bot.answers import basket, subscribe
from bot.errors import UserError
from bot.model.receiver import Receiver
from bot.services import Services
from storage import reach, receivers
from tests.asking import ask

HERE = Receiver(0, "discord", "20", "#alerts", community="10")
BESIDE = replace(HERE, address="21", title="#gone")


async def test_a_server_has_only_so_many_baskets(
    seeded: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basket, "MOST_BASKETS", 2)
    for name in ("one", "two"):
        await ask(f"/basket add {name} NVDA,AMD", seeded, HERE)
    with pytest.raises(UserError, match="A server has at most 2 baskets of its own"):
        await ask("/basket add three NVDA,AMD", seeded, BESIDE)
    await ask("/basket add two NVDA,MU", seeded, HERE)
    await ask("/basket remove one", seeded, HERE)
    await ask("/basket add three NVDA,AMD", seeded, HERE)


async def test_a_baskets_title_is_short(seeded: Services) -> None:
    with pytest.raises(UserError, match="title has at most 80 letters"):
        await ask(f"/basket add one NVDA,AMD {'x' * 81}", seeded, HERE)


@pytest.mark.parametrize("line", ["/subscribe digest day 09:00 ai", "/subscribe releases OpenAI"])
async def test_a_channel_gets_only_so_much(
    seeded: Services, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(subscribe, "MOST_ALERTS", 1)
    await ask("/subscribe digest day 08:00 ai", seeded, HERE)
    with pytest.raises(UserError, match="at most 1 alerts and subscriptions"):
        await ask(line, seeded, HERE)


async def test_a_channel_that_was_given_up_keeps_no_basket(seeded: Services) -> None:
    await ask("/basket add ours NVDA,AMD", seeded, HERE)
    await ask("/alert add ours", seeded, BESIDE)
    await ask("/subscribe digest day 08:00 ours", seeded, BESIDE)
    await ask("/alert add NVDA", seeded, BESIDE)
    with pytest.raises(UserError, match="follows ours in #gone"):
        await ask("/basket remove ours", seeded, HERE)
    async with seeded.database.read() as connection:
        gone = await receivers.find_receiver(connection, "discord", BESIDE.address)
    assert gone is not None
    why = (seeded.clock.now(), "Unknown Channel")
    await seeded.database.write(lambda connection: reach.disable(connection, {gone.id: why}))
    await ask("/basket remove ours", seeded, HERE)
    async with seeded.database.read() as connection:
        left = await receivers.subscriptions(connection, gone.id)
    assert [item.rule.target for item in left if item.rule] == ["NVDA"]
