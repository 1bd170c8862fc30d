"""The ledger of claims about training: what it must hold, and the sums made of it."""

from datetime import date
from decimal import Decimal

import pytest

from bot.costs.claims import (
    ASSUMED_RATE,
    Claim,
    Confidence,
    Quantity,
    Training,
    claims,
    dearest,
    ratio,
    reckoned,
    trainings,
)
from bot.model.rate import Key
from bot.releases.models import load_models
from bot.releases.shipped import load_labs

V3, R1 = ("deepseek", "DeepSeek-V3"), ("deepseek", "DeepSeek-R1")
LLAMA, FAMILY = ("meta", "Llama 3.1-405B"), ("meta", "Llama 3.1 family")
LATER = date(2026, 11, 26)
BOUNDS = {
    Quantity.HOURS: (10**4, 10**9),
    Quantity.COST: (4_000, 10**9),
    Quantity.COMPUTE: (10**21, 10**27),
}


def of(key: Key, on: date = LATER) -> Training:
    return next((one for one in trainings(on) if one.key == key), Training(key))


def claim(**more: object) -> Claim:
    values: dict[str, object] = {
        "key": ("acme", "X"), "released_on": date(2024, 1, 1), "claimed_on": date(2024, 1, 1),
        "quantity": Quantity.HOURS, "value": Decimal(100), "unit": "H100", "rate": None,
        "claimed_by": "Acme", "includes": "all", "part_of": "", "partial": False,
        "source": "paper", "link": "https://example.com", "confidence": Confidence.LIKELY,
    }  # fmt: skip
    return Claim(**(values | more))  # type: ignore[arg-type]


def named(name: str, *made: Claim) -> Training:
    return Training(("acme", name), made)


@pytest.mark.parametrize("one", claims(), ids=lambda one: f"{one.key[1]} {one.quantity}")
def test_every_claim_says_who_when_what_and_where(one: Claim) -> None:
    assert one.key[0] in load_labs()
    assert all((one.claimed_by, one.includes, one.source, one.link.startswith("https://")))
    assert one.unit or one.value is None
    assert date(2020, 1, 1) <= one.released_on <= one.claimed_on
    assert one.rate is None or one.quantity is Quantity.COST
    if one.value is not None:
        low, high = BOUNDS[one.quantity]
        assert low <= one.value <= high
    if one.quantity is Quantity.COST and one.value is not None:
        assert 2020 <= int(one.unit) <= 2026
    if one.claimed_by == "Epoch AI":
        assert one.confidence is not Confidence.CONFIRMED


def test_the_ledger_speaks_of_many_models_and_of_each_as_the_others_do() -> None:
    keys = {one.key: one for one in claims()}
    assert len(keys) >= 60
    shipped = {(one.lab, one.name): one for one in load_models().models}
    for key, one in keys.items():
        if key in shipped:
            assert one.released_on == shipped[key].released_on, key
    families = {(one.key[0], one.part_of) for one in claims() if one.part_of}
    assert families <= set(keys)


def test_no_claim_stands_twice() -> None:
    rows = [(c.key, c.quantity, c.claimed_by, c.claimed_on) for c in claims()]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("key", "quantity", "value", "unit"),
    [
        (V3, Quantity.HOURS, 2_788_000, "H800"),
        (V3, Quantity.COST, 5_576_000, "2024"),
        (LLAMA, Quantity.HOURS, 30_840_000, "H100"),
        (FAMILY, Quantity.HOURS, 39_300_000, "H100"),
        (("openai", "gpt-oss-120b"), Quantity.HOURS, 2_100_000, "H100"),
        (R1, Quantity.COST, 6_770_000, "2023"),
    ],
)
def test_what_is_believed_first(key: Key, quantity: Quantity, value: int, unit: str) -> None:
    best = of(key).best(quantity)
    assert best is not None
    assert (best.value, best.unit) == (Decimal(value), unit)


def test_the_family_is_the_sum_of_its_models() -> None:
    for family in ("Llama 2 family", "Llama 3 family", "Llama 3.1 family"):
        total = of(("meta", family)).best(Quantity.HOURS)
        parts = [c for c in claims() if c.part_of == family]
        missing = 368_640 if family == "Llama 2 family" else 0  # the 13B, not a row of its own
        assert total is not None
        assert total.value == missing + sum(c.value or 0 for c in parts)


def test_the_fair_ratio_is_eleven_and_the_often_quoted_one_fourteen() -> None:
    fair, quoted = ratio([of(V3), of(LLAMA)]), ratio([of(V3), of(FAMILY)])
    assert fair is not None
    assert quoted is not None
    assert (fair.more.key, fair.less.key) == (LLAMA, V3)
    assert round(fair.times, 2) == Decimal("11.06")  # 30.84 / 2.788
    assert round(quoted.times, 2) == Decimal("14.10")  # 39.3 / 2.788


def test_hours_at_a_rate() -> None:
    own, given, assumed = reckoned(of(V3)), reckoned(of(V3), Decimal("2.5")), reckoned(of(LLAMA))
    assert own is not None
    assert given is not None
    assert assumed is not None
    assert (own.whose, own.dollars) == ("claim", Decimal(5_576_000))  # 2.788M x 2
    assert (given.whose, given.dollars) == ("given", Decimal(6_970_000))  # 2.788M x 2.5
    assert (assumed.whose, assumed.rate) == ("assumed", ASSUMED_RATE)
    assert assumed.dollars == 61_680_000  # 30.84M x 2
    assert reckoned(of(("openai", "GPT-5"))) is None


@pytest.mark.parametrize(
    ("on", "known"),
    [
        (date(2025, 1, 19), []),
        (date(2025, 1, 28), []),
        (date(2025, 9, 17), [294_000]),
        (LATER, [294_000, 6_770_000]),
    ],
)
def test_what_r1_cost_was_not_known_when_it_came(on: date, known: list[int]) -> None:
    r1 = of(R1, on)
    assert [one.value for one in r1.of(Quantity.COST)] == known
    assert (r1.stated_unknown is not None) == (on >= date(2025, 1, 20) and not known)


def test_nothing_is_told_before_it_was_claimed() -> None:
    assert of(V3, date(2024, 12, 25)).claims == ()
    for one in trainings(date(2025, 1, 28)):
        assert all(c.claimed_on <= date(2025, 1, 28) for c in one.claims)


def test_a_part_is_never_compared_nor_ranked() -> None:
    whole = named("A", claim())
    part = named("B", claim(partial=True, value=Decimal(900)))
    assert ratio([whole, part]) is None
    assert dearest([whole, part]) == [whole]
    both = named("C", claim(partial=True, confidence=Confidence.CONFIRMED), claim(value=Decimal(7)))
    best = both.best(Quantity.HOURS)
    assert best is not None
    assert best.value == 7


def test_arithmetic_is_compared_where_hours_are_not_known() -> None:
    one = named("A", claim(quantity=Quantity.COMPUTE, value=Decimal("6e24")))
    other = named("B", claim(), claim(quantity=Quantity.COMPUTE, value=Decimal("2e24")))
    found = ratio([one, other])
    assert found is not None
    assert (found.quantity, found.times) == (Quantity.COMPUTE, Decimal(3))
    assert ratio([one]) is None


def test_the_dearest_come_first_and_families_are_left_out() -> None:
    ranked = dearest(trainings(LATER))
    assert [one.key[1] for one in ranked[:4]] == ["Grok 4", "GPT-4.5", "Grok 3", "Llama 3.1-405B"]
    assert FAMILY not in {one.key for one in ranked}
    assert dearest(trainings(date(2025, 1, 28)))[0].key == LLAMA  # by its hours, at $2
