"""Lists of prices, with what people put into them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.costs.listed import read_models_dev, read_openrouter
from bot.errors import SourceError
from bot.model.rate import Terms

SHARED = Path(__file__).parents[3] / "shared" / "data"


def models_dev(cost: Any, provider: str = "openai", named: str = "gpt-9") -> dict[str, Any]:
    sane = {"sane": {"name": "Sane", "cost": {"input": 1, "output": 2}}}
    return {"mistral": {"models": sane}, provider: {"models": {named: {"name": "N", "cost": cost}}}}


def openrouter(prompt: Any, completion: Any, **more: Any) -> dict[str, Any]:
    sane = {"id": "a/sane", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
    pricing = {"prompt": prompt, "completion": completion}
    return {"data": [sane, {"id": "a/b", "name": "A: B", "pricing": pricing, **more}]}


def test_dollars_per_token_become_dollars_per_million() -> None:
    data = openrouter("0.00000055", "0.00000219")
    data["data"][1]["pricing"]["input_cache_read"] = "0.00000014"
    one = read_openrouter(data)[1]
    assert (one.input_mtok, one.cached_mtok, one.output_mtok) == (
        Decimal("0.55"),
        Decimal("0.14"),
        Decimal("2.19"),
    )
    assert (one.source, one.provider, one.named, one.title) == (
        "OpenRouter",
        "openrouter",
        "a/b",
        "B",
    )


def test_models_dev_has_tiers_and_names_of_labs() -> None:
    tiers = [{"tier": {"type": "context", "size": 200000}, "input": 4, "output": 18}]
    cost = {"input": 2, "output": 12, "cache_read": 0.2, "tiers": tiers}
    found = read_models_dev(models_dev(cost, "moonshotai"))[1:]
    assert [(one.terms, one.input_mtok, one.cached_mtok, one.output_mtok) for one in found] == [
        (Terms(), Decimal(2), Decimal("0.2"), Decimal(12)),
        (Terms(over=200_000), Decimal(4), None, Decimal(18)),
    ]
    assert {one.provider for one in found} == {"moonshot"}


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        ("-1", "-1"),
        ("0", "0"),
        ("0.000001", "-1"),
        ("abc", "0.000001"),
        ("NaN", "NaN"),
        ("Infinity", "0.000001"),
        ("1e999999999", "0.000001"),
        ("5", "5"),  # five million dollars per million
        (None, "0.000001"),
        (True, "0.000001"),
        (["0.000001"], "0.000001"),
        ("9" * 100_000, "0.000001"),
    ],
)
def test_what_is_no_price_per_token_is_left_out(prompt: Any, completion: Any) -> None:
    assert [one.named for one in read_openrouter(openrouter(prompt, completion))] == ["a/sane"]


@pytest.mark.parametrize(
    "cost",
    [
        None,
        [],
        {},
        {"input": 1},
        {"input": "1", "output": "2"},
        {"input": -1, "output": 2},
        {"input": 0, "output": 0},
        {"input": 10**9, "output": 1},
        {"input": float("nan"), "output": 1},
        {"input": True, "output": 1},
    ],
)
def test_what_is_no_price_per_million_is_left_out(cost: Any) -> None:
    assert [one.named for one in read_models_dev(models_dev(cost))] == ["sane"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("DeepSeek: R1 0528", "R1 0528"),
        ("Claude Opus 4.6 (Fast)", "Claude Opus 4.6 (Fast)"),
        ("Command R+", "Command R+"),
        ("@everyone", ""),
        ("**Zeta** [here](https://example.org)", ""),
        ("Zeta https://example.org/", ""),
        ("x" * 81, ""),
        ("Zeta\u061c9", ""),
        (["Zeta"], ""),
    ],
)
def test_a_title_that_does_not_look_like_a_name_is_none(name: Any, title: str) -> None:
    cost = {"input": 1, "output": 2}
    data = {"openai": {"models": {"zeta-9": {"name": name, "cost": cost}}}}
    (one,) = read_models_dev(data)
    assert (one.named, one.title) == ("zeta-9", title)


@pytest.mark.parametrize("named", ["", "x" * 201, "a\u202eb", "a\nb", "a\u3164b", "a\ufeffb"])
def test_names_that_are_none_are_left_out(named: str) -> None:
    found = read_models_dev(models_dev({"input": 1, "output": 1}, named=named))
    assert [one.named for one in found] == ["sane"]


@pytest.mark.parametrize("named", ["~openai/gpt-latest", "openrouter/auto"])
def test_names_that_lead_elsewhere_are_left_out(named: str) -> None:
    found = read_openrouter(openrouter("0.000001", "0.000001", id=named))
    assert [one.named for one in found] == ["a/sane"]


@pytest.mark.parametrize("tiers", [7, [7], [{}], [{"tier": {"size": -1}, "input": 1, "output": 1}]])
def test_odd_tiers_hide_no_price(tiers: Any) -> None:
    found = read_models_dev(models_dev({"input": 1, "output": 2, "tiers": tiers}))
    assert [(one.named, one.terms) for one in found] == [("sane", Terms()), ("gpt-9", Terms())]


@pytest.mark.parametrize("data", [None, 7, [], {}, {"data": 7}, {"data": []}, {"a": {"models": 7}}])
def test_another_shape_is_an_error(data: Any) -> None:
    for read in (read_models_dev, read_openrouter):
        with pytest.raises(SourceError):
            read(data)


def test_the_lists_as_they_are() -> None:
    listed = SHARED / "models" / "modelsdev_api_rebuilt_2026-07-02.json"
    other = SHARED / "feeds" / "openrouter_api_v1_models_2026-05.json"
    if not listed.exists():
        pytest.skip("the recorded lists are not here")
    assert len(read_models_dev(json.loads(listed.read_bytes()))) > 4_000
    routed = {one.named: one for one in read_openrouter(json.loads(other.read_bytes()))}
    assert len(routed) > 300
    opus = routed["anthropic/claude-opus-4.7"]
    assert (opus.input_mtok, opus.output_mtok) == (Decimal(5), Decimal(25))
