"""/model: all that is known, forgiving names, several side by side, nothing from the future."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.cards.dossier import Heard, dossier
from bot.cards.model import model_card
from bot.errors import UserError
from bot.model.card import Card
from bot.releases.models import load_models
from bot.services import Services, SetClock
from storage import feeds, sightings
from storage.sightings import Sighting
from tests.asking import ask


def fields(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


async def test_everything_known_of_one_model_each_with_its_source(seeded: Services) -> None:
    card = await ask("/model DeepSeek-R1", seeded)
    assert card.title == "DeepSeek-R1: DeepSeek, 20 Jan 2025, $0.55 in, $2.19 out"
    said = fields(card)
    assert said["Released"].startswith("20 Jan 2025 (")
    assert said["Weights"].startswith("open (")
    assert said["Licence"] == "MIT (Epoch AI)"
    assert said["Parameters"].startswith("671B")
    assert "as of" in said["Price now"]
    assert said["Price at launch"] == "the same, from 20 Jan 2025"
    assert said["Benchmark claims"] == "unknown"
    assert "Shown for" not in card.text
    assert "28 May 2025" not in str(card)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/model r1", "DeepSeek-R1"),
        ("/model gpt4o", "GPT-4o"),
        ("/model claude opus", "Claude 3 Opus"),
        ("/model openai o1", "o1"),
    ],
)
async def test_names_are_forgiven(seeded: Services, line: str, name: str) -> None:
    assert (await ask(line, seeded)).title.startswith(f"{name}: ")


async def test_of_several_that_fit_the_newest_is_shown_and_the_others_named(
    seeded: Services,
) -> None:
    card = await ask("/model sonnet", seeded)
    assert card.title.startswith("Claude 3.5 Sonnet: ")
    assert "Shown for “sonnet”: the newest that fits." in card.text
    assert "Also of that name: Claude 3 Sonnet" in card.text
    family = await ask("/model claude", seeded)
    assert family.title.startswith("Claude 3.5 Haiku: Anthropic, 22 Oct 2024")
    assert "Shown for “claude”: the newest that fits." in family.text


async def test_what_is_not_out_yet_is_not_known(seeded: Services) -> None:
    with pytest.raises(UserError, match="No model gpt-5 is known"):
        await ask("/model gpt-5", seeded)
    later = replace(seeded, clock=SetClock(datetime(2025, 12, 1, tzinfo=UTC)))
    assert (await ask("/model gpt-5", later)).title.startswith("GPT-5: ")


async def test_near_names_are_offered(seeded: Services) -> None:
    with pytest.raises(UserError, match="did you mean DeepSeek-R1"):
        await ask("/model depseek-r1", seeded)


async def test_several_stand_side_by_side(seeded: Services) -> None:
    card = await ask("/model DeepSeek-R1, gpt4o, claude opus", seeded)
    assert card.title == "DeepSeek-R1, GPT-4o and Claude 3 Opus side by side"
    assert card.table is not None
    assert card.table.columns == ("", "DeepSeek-R1", "GPT-4o", "Claude 3 Opus")
    found = {row[0]: row[1:] for row in card.table.rows}
    assert found["weights"] == ("open", "closed", "closed")
    assert found["price now"][0] == "0.55 / 2.19"
    assert found["size"] == ("671B", "unknown", "unknown")
    with pytest.raises(UserError, match="At most 4 models"):
        await ask("/model a,b,c,d,e", seeded)
    assert (await ask("/model r1, DeepSeek-R1", seeded)).table is None


async def test_what_a_list_said_in_a_feed_is_told_with_its_source(seeded: Services) -> None:
    now = seeded.clock.now()
    given = {"context": 65536, "input_mtok": 0.6, "output_mtok": 2.19, "inputs": ["text"]}

    async def work(connection: object) -> None:
        from bot.releases.sources import load_feeds

        await feeds.put_shipped(connection, load_feeds(), now)  # type: ignore[arg-type]
        key = "deepseek/deepseek-r1/2025-01-20"
        one = Sighting("openrouter", "d", "DeepSeek: R1", now, "release", given=given,
                       release_key=key, lab="deepseek", model="DeepSeek-R1")  # fmt: skip
        await sightings.put_sightings(connection, [one])  # type: ignore[arg-type]

    await seeded.database.write(work)
    card = await ask("/model DeepSeek-R1", seeded)
    assert "Sources differ." in card.text
    assert "Context: 64K tokens (OpenRouter" in card.text
    assert "OpenRouter" in card.footer


def test_of_a_model_that_only_a_list_names_the_rest_is_unknown() -> None:
    model = next(one for one in load_models().models if one.name == "DeepSeek-R1")
    bare = replace(model, prices=(), context=None, parameters=None, licence="", inputs=(),
                   outputs=(), cost_usd=None, compute_flop=None, open_weights=None)  # fmt: skip
    today = datetime(2025, 1, 27, tzinfo=UTC).date()
    heard = [Heard("A list", today, given={"context": "lots", "input_mtok": -1, "output_mtok": 2})]
    said = fields(model_card(dossier("DeepSeek", None, bare, heard, today)))
    unknown = {name for name, text in said.items() if text == "unknown"}
    assert unknown == {
        "Weights", "Licence", "Parameters", "Context", "Takes and gives", "Price now",
        "Price at launch", "Cost of training", "Compute of training", "Benchmark claims",
    }  # fmt: skip


def of_day(services: Services, day: str) -> Services:
    return replace(services, clock=SetClock(datetime.fromisoformat(f"{day}T23:59:00+00:00")))


@pytest.mark.parametrize(
    ("day", "cost", "short"),
    [
        ("2025-01-28", ("unknown; no cost was given at the release; the often-quoted $5.58M is "
         "DeepSeek-V3's (DeepSeek-R1 release note, as of 20 Jan 2025)"), "unknown"),
        ("2025-10-01", ("$294,000, the reinforcement learning on top of DeepSeek-V3, whose own "
         "training is not in it (Nature, as of 17 Sep 2025)"), "$294,000, in part"),
        ("2026-08-01", ("$6.77M in 2023 dollars, DeepSeek-V3's final run, $5.576M, and about $1M "
         "for reinforcement learning; together $6.576M in dollars of 2024, which Epoch AI writes "
         "as this (Epoch AI, as of 19 Jul 2026)"), "$6.77M"),
    ],
)  # fmt: skip
async def test_what_training_cost_is_what_was_claimed_by_then(
    services: Services, day: str, cost: str, short: str
) -> None:
    card = await ask("/model DeepSeek-R1", of_day(services, day))
    assert fields(card)["Cost of training"] == cost
    assert "Sources differ. Cost" not in card.text
    several = await ask("/model DeepSeek-R1, DeepSeek-V3", of_day(services, day))
    assert several.table is not None
    rows = {row[0]: row[1:] for row in several.table.rows}
    assert rows["training"] == (short, "$5.58M")
    assert ("compute" in rows) is (day > "2026-07-19")
