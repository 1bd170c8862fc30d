"""/subscribe prices, from the command to what its message's buttons say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.answers.pressed import actions, silence_message
from bot.answers.why import why
from bot.cards.notices import card_of
from bot.costs.wanted import identity, wanted
from bot.cycle import prices
from bot.cycle.prices import find_and_tell
from bot.errors import UserError
from bot.model.basket import Lab
from bot.model.receiver import Notification
from bot.services import Request, Services, SetClock
from storage import outbox
from tests.answers.linked import DISCORD, SLACK, Rooms
from tests.asking import CONSOLE, ask
from tests.cycle.test_prices import Desk


async def test_the_card_says_what_is_told_and_how_it_ends(seeded: Services) -> None:
    card = await ask("/subscribe prices", seeded)
    assert card.title == (
        "Subscription 1: token prices of frontier labs that move by 10% or more, a new cheapest "
        "model and new models at under 25% of the cheapest leading one's price"
    )
    assert card.text == (
        "Told are list prices of the labs themselves, in USD per million tokens; what changed "
        "before is not told. End it with /subscribe remove 1."
    )
    line = "/subscribe prices models=gpt4o,deepseek-chat labs=Anthropic percent=20 parting=30"
    card = await ask(f"{line} role=@desk", seeded)
    assert card.title == (
        "Subscription 2: token prices of Anthropic, GPT-4o and DeepSeek-V3 that move by 20% or "
        "more, a new cheapest model, new models at under 25% of the cheapest leading one's price "
        "and sources that differ by more than 30%"
    )
    assert card.text.startswith("By deepseek-chat is meant DeepSeek-V3 as of now. Told are")
    assert "Each mentions @desk." in card.text
    channel = await ask("/channel", seeded)
    assert channel.table is not None
    assert channel.table.rows[1][1].startswith("token prices of Anthropic, GPT-4o and")
    with pytest.raises(UserError) as refused:
        await ask("/subscribe prices labs=anthropic parting=30 models=DeepSeek-V3,GPT-4o "
                  "percent=20", seeded)  # fmt: skip
    assert str(refused.value) == (
        "This channel is told of these prices already, as subscription 2."
    )
    removed = await ask("/subscribe remove 1", seeded)
    assert removed.title.startswith("Subscription 1 (token prices of frontier labs")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("/subscribe prices claude opus 25", "of Claude Opus 5 that move by 25% or more"),
        ("/subscribe prices gpt-4o,claude opus", "of GPT-4o and Claude Opus 5 that move by 10%"),
        ("/subscribe prices gpt-4o anthropic", "of Anthropic and GPT-4o that move by 10%"),
    ],
)
async def test_a_name_of_two_words_needs_no_quotation_marks(
    seeded: Services, line: str, title: str
) -> None:
    late = replace(seeded, clock=SetClock(datetime(2026, 11, 26, tzinfo=UTC)))
    assert title in (await ask(line, late)).title


async def test_a_number_that_may_be_of_a_name_is_asked_about(seeded: Services) -> None:
    late = replace(seeded, clock=SetClock(datetime(2026, 11, 26, tzinfo=UTC)))
    with pytest.raises(UserError, match=r'two ways; write models="claude opus 5" for the model'):
        await ask("/subscribe prices claude opus 5", late)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/subscribe prices claude nonsense", "nonsense is not a lab that is known"),
        ("/subscribe prices models=nosuch", "No model nosuch is known"),
        ("/subscribe prices labs=opnai", "did you mean OpenAI"),
        ("/subscribe prices percent=0", "percent"),
        ("/subscribe prices newcomer=101", "newcomer"),
    ],
)
async def test_what_cannot_be_followed_is_refused(seeded: Services, line: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        await ask(line, seeded)


LABS = {"openai": Lab("openai", "OpenAI", frontier=True), "adobe": Lab("adobe", "Adobe")}


@pytest.mark.parametrize(
    ("event", "filters", "passes"),
    [
        (("cut", "openai", "Z", -0.1), {}, True),
        (("cut", "openai", "Z", -0.099), {}, False),
        (("rise", "openai", "Z", 0.2), {"percent": 20}, True),
        (("cut", "adobe", "Z", -0.5), {}, False),  # not a frontier lab
        (("cut", "adobe", "Z", -0.5), {"labs": ["adobe"]}, True),
        (("cut", "openai", "Z", -0.5), {"models": [["openai", "Y"]]}, False),
        (("newcomer", "openai", "Z", 0.24), {}, True),
        (("newcomer", "openai", "Z", 0.25), {}, False),
        (("newcomer", "openai", "Z", 0.25), {"newcomer": 26}, True),
        (("cheapest", "openai", "Z", -0.01), {"percent": 50}, True),
        (("parting", "openai", "Z", 9.0), {}, False),
        (("parting", "openai", "Z", 0.3), {"parting": 30}, False),
        (("parting", "openai", "Z", 0.31), {"parting": 30}, True),
    ],
)
def test_filters(
    event: tuple[str, str, str, float], filters: dict[str, object], passes: bool
) -> None:
    kind, lab, model, ratio = event
    facts = {"kind": kind, "lab": lab, "model": model, "ratio": ratio}
    assert wanted(facts, LABS, filters) is passes


def test_filters_that_let_the_same_through_are_the_same() -> None:
    assert identity({}) == identity({"percent": 10, "newcomer": 25})
    assert identity({"labs": ["b", "a"]}) == identity({"labs": ["a", "b"]})
    assert identity({"percent": 11}) != identity({})


async def _told(services: Services, nonce: str) -> Notification:
    async with services.database.read() as connection:
        found = await outbox.by_nonce(connection, nonce)
    assert found is not None
    return found


@pytest.fixture
async def cut(services: Services, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A channel that was told of a cut of GPT-5.2's price."""
    desk = Desk(services)
    monkeypatch.setattr(prices, "ledger_of", desk.ledger)
    await desk.look()
    await desk.channel.say("/subscribe prices labs=OpenAI")
    desk.later(hours=1)
    desk.asks("GPT-5.2", "1.75/14", "0.875/7")
    await desk.look()
    return desk


async def test_explain_says_the_filter_the_event_and_its_sources(cut: Desk) -> None:
    (row,) = await cut.channel.rows()
    now = cut.services.clock.now()
    card = await why(Request({}, cut.services, CONSOLE, now), await _told(cut.services, row.nonce))
    assert card.title == (
        "Why this channel was told: GPT-5.2 costs 50% less: $0.875 in, $7 out per million tokens"
    )
    said = {field.name: field.value for field in card.fields}
    assert said["Subscription 1"].startswith("token prices of OpenAI that move by 10% or more")
    assert said["GPT-5.2: a price cut"] == (
        "models.dev has $0.875 / $7\n"
        "Compared with $1.75 in, $14 out, from models.dev, as of 10 Jan 2026\n"
        "In force from 10 Jan 2026, 13:00 UTC; read models.dev, as of 10 Jan 2026"
    )


async def test_its_lab_can_be_silenced_from_the_message(cut: Desk) -> None:
    (row,) = await cut.channel.rows()
    told = await _told(cut.services, row.nonce)
    assert "silence" in actions(told)
    now = cut.services.clock.now()
    await silence_message(Request({}, cut.services, told.receiver, now), told, timedelta(days=1))
    cut.asks("GPT-5.1", "1.25/10", "0.625/5")
    await cut.look()
    assert len(await cut.channel.rows()) == 1
    await cut.channel.say("/subscribe remove 1")
    with pytest.raises(UserError, match="no longer follows OpenAI"):
        await silence_message(
            Request({}, cut.services, told.receiver, now), told, timedelta(days=9)
        )


async def test_alert_explain_of_a_model_tells_of_its_price(cut: Desk) -> None:
    card = await ask("/alert explain gpt-5.2", cut.services)
    assert card.title == "GPT-5.2: 1 piece of news about its price"
    assert card.fields[0].name == "GPT-5.2: a price cut"
    assert card.fields[0].value.endswith(
        "Found 10 Jan 2026, 13:00 UTC, told to the channels whose subscription lets it through"
    )


async def test_what_was_held_back_is_a_line_of_the_summary(cut: Desk) -> None:
    await cut.channel.say("/silence add all 1h")
    cut.asks("GPT-5.1", "1.25/10", "0.625/5")
    await cut.look()
    cut.later(minutes=10)
    cut.asks("GPT-5", "1.25/10", "1/9")
    await cut.look()
    await cut.channel.later(hours=2)
    summary = card_of((await cut.channel.rows())[-1].facts)
    assert summary.title == "2 messages held back during a silence"
    assert "GPT-5.1 costs 50% less: $0.625 in, $5 out per million tokens\n" in summary.text


async def test_linked_channels_follow_the_same_prices(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(services)
    monkeypatch.setattr(prices, "ledger_of", desk.ledger)
    await find_and_tell(services, services.clock.now())
    rooms = Rooms(services)
    await rooms.say(DISCORD, "/subscribe prices labs=OpenAI")
    await rooms.link()
    await rooms.say(SLACK, "/subscribe prices models=o3")
    for where in (DISCORD, SLACK):
        found = [(one.kind, one.filters.get("labs")) for one in await rooms.subscriptions(where)]
        assert found == [("prices", ["openai"]), ("prices", None)]
    await rooms.say(SLACK, "/subscribe remove 2")
    assert len(await rooms.subscriptions(DISCORD)) == 1
