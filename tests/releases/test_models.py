"""What is known of models: names people use, prices of a day, a source beside each figure."""

from datetime import date

import pytest

from bot.releases.models import load_models
from bot.releases.shipped import load_labs

MODELS = load_models()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("R1", "DeepSeek-R1"),
        ("deepseek r1", "DeepSeek-R1"),
        ("deepseek-ai/DeepSeek-R1", "DeepSeek-R1"),
        ("gpt4o", "GPT-4o"),
        ("opus 4.5", "Claude Opus 4.5"),
        ("claude-opus-4-20250514", "Claude Opus 4"),
        ("Gemini 2.5 Pro", "Gemini 2.5 Pro (Jun 2025)"),
    ],
)
def test_a_model_is_found_by_what_people_call_it(text: str, name: str) -> None:
    assert [model.name for model in MODELS.find(text)] == [name]


def test_a_beginning_finds_the_family_and_no_later_generation() -> None:
    names = [model.name for model in MODELS.find("Qwen3")]
    assert "Qwen3-32B" in names
    assert not [name for name in names if name.startswith("Qwen3.")]


def test_what_names_nothing_finds_nothing() -> None:
    assert [MODELS.find(text) for text in ("", "x", "no such model", "!!")] == [[], [], [], []]


def test_no_price_is_older_than_its_model_and_none_overlap() -> None:
    for model in MODELS.models:
        for price in model.prices:
            assert price.since >= model.released_on, model.name
            assert price.until is None or price.since < price.until, model.name
        for before, after in zip(model.prices, model.prices[1:], strict=False):
            assert before.until is not None, model.name
            assert before.until <= after.since, model.name


def test_prices_of_january_2025() -> None:
    day = date(2025, 1, 28)
    found = {}
    for name in ("DeepSeek-R1", "DeepSeek-V3", "GPT-4o", "o1"):
        price = MODELS.find(name)[0].price_on(day)
        assert price is not None
        found[name] = (price.input_mtok, price.output_mtok)
    assert found == {
        "DeepSeek-R1": (0.55, 2.19),
        "DeepSeek-V3": (0.14, 0.28),  # a promotion, which the note says
        "GPT-4o": (2.5, 10.0),
        "o1": (15.0, 60.0),
    }
    promotion = MODELS.find("DeepSeek-V3")[0].price_on(day)
    assert promotion is not None
    assert promotion.note == "promotion to 8 Feb 2025, then $0.27 in, $1.10 out"


def test_the_price_before_the_first_known_is_unknown() -> None:
    o1 = MODELS.find("o1")[0]
    assert o1.price_on(date(2024, 12, 10)) is None  # released, but not in the API yet


def test_every_figure_names_its_source() -> None:
    for model in MODELS.models:
        for figure, source in (
            (model.parameters, model.parameters_source),
            (model.context, model.context_source),
            (model.licence, model.licence_source),
            (model.compute_flop, model.compute_source),
            (model.cost_usd, model.cost_source),
            (model.cost_usd, model.cost_what),
            (model.inputs, model.modalities_source),
        ):
            assert not figure or source, model.name
        assert all(price.source for price in model.prices), model.name
        assert model.lab in load_labs()


def test_the_field_is_each_other_labs_newest_leading_model() -> None:
    field = {model.lab: model.name for model, _price in MODELS.leading(date(2025, 1, 20), "x")}
    assert field["openai"] == "o1"
    assert field["anthropic"] == "Claude 3.5 Sonnet"
    assert "openai" not in {m.lab for m, _p in MODELS.leading(date(2025, 1, 20), "openai")}


def test_models_that_reason_are_known_as_that() -> None:
    models = load_models()
    reason = ("openai/o1-preview", "openai/o1", "deepseek/DeepSeek-R1", "deepseek/DeepSeek-R1-0528",
              "deepseek/DeepSeek-V3.2", "xai/Grok 4", "openai/gpt-oss-20b")  # fmt: skip
    do_not = ("openai/GPT-4o", "deepseek/DeepSeek-V3", "meta/Llama 3.1-405B", "moonshot/Kimi K2")
    flags = {
        name: model.reasoning
        for name in (*reason, *do_not)
        if (model := models.named(*name.split("/", 1))) is not None
    }
    assert flags == dict.fromkeys(reason, True) | dict.fromkeys(do_not, False)
