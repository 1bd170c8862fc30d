"""The shipped ledger replayed day by day: the real changes of price, each once and no other."""

from datetime import UTC, datetime, timedelta
from functools import cache

from bot.costs.changes import changes, moves
from bot.costs.ledger import Ledger
from bot.model.price_event import EventKind, PriceEvent
from bot.priced import shipped_ledger, to_hand
from bot.releases.models import load_models

BEGIN, END = datetime(2024, 5, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
# Read from the two lists of prices by hand. The percentages are the larger of both moves.
EXPECTED = [
    ("2024-08-06 00:00", "cut", "GPT-4o", "", -50.0),  # 5 → 2.50; 15 → 10
    ("2025-01-31 00:00", "cut", "o1-mini", "", -63.3),  # 3 → 1.10; 12 → 4.40
    ("2025-02-08 16:00", "rise", "DeepSeek-V3", "", 292.9),  # 0.28 → 1.10: a promotion ended
    ("2025-02-26 16:30", "cut", "DeepSeek-R1", "off-peak", -75.5),  # 0.55 → 0.135
    ("2025-02-26 16:30", "cut", "DeepSeek-V3", "off-peak", -50.0),  # 0.27 → 0.135
    ("2025-03-28 00:00", "cut", "Claude 3.5 Haiku", "", -20.0),  # 1 → 0.80, seen then
    ("2025-06-10 00:00", "cut", "o3", "", -80.0),  # 10 → 2; 40 → 8
    ("2025-09-05 16:00", "rise", "DeepSeek-V3.1", "", 107.4),  # 0.27 → 0.56
    ("2026-08-17 00:00", "rise", "DeepSeek-V4-Flash", "", 135.7),  # 0.28 → 0.66
    ("2026-08-17 00:00", "rise", "DeepSeek-V4-Pro", "", 127.6),  # 0.87 → 1.98
]
# Lower than any of its class before, by the blend; with the one that was.
CHEAPEST = [
    ("2024-05-13", "GPT-4o", "frontier", "Claude 2"),
    ("2024-08-06", "GPT-4o", "frontier", "GPT-4o"),
    ("2024-12-26", "DeepSeek-V3", "all", "GPT-4o mini"),
    ("2024-12-26", "DeepSeek-V3", "frontier", "GPT-4o"),
    ("2025-01-20", "DeepSeek-R1", "reasoning", "o1-mini"),
    ("2025-06-17", "Gemini 2.5 Flash-Lite", "reasoning", "DeepSeek-R1-0528"),
    ("2025-08-07", "GPT-5 nano", "reasoning", "Gemini 2.5 Flash-Lite"),
    ("2025-08-21", "DeepSeek-V3.1", "frontier", "DeepSeek-R1-0528"),
    ("2025-12-01", "DeepSeek-V3.2", "frontier", "Kimi K2"),
]


@cache
def day_by_day() -> list[PriceEvent]:
    found: list[PriceEvent] = []
    day = BEGIN
    while day < END:
        found += changes(
            shipped_ledger(), load_models().models, day, day := day + timedelta(days=1)
        )
    return found


def test_a_replay_raises_the_real_cuts_and_rises_once_each() -> None:
    told = [
        (f"{one.at:%Y-%m-%d %H:%M}", one.kind.value, one.model[1], one.terms,
         round(100 * float(one.ratio), 1))
        for one in day_by_day()
        if one.kind in (EventKind.CUT, EventKind.RISE)
    ]  # fmt: skip
    assert told == EXPECTED


def test_a_replay_raises_each_new_cheapest_one_once() -> None:
    told = [
        (f"{one.at:%Y-%m-%d}", one.model[1], one.terms, one.other and one.other[1])
        for one in day_by_day()
        if one.kind is EventKind.CHEAPEST
    ]
    assert told == CHEAPEST


def test_newcomers_under_a_quarter_are_few_and_begin_with_what_started_it_all() -> None:
    told = [
        (one.model[1], round(100 * float(one.ratio)), one.other and one.other[1])
        for one in day_by_day()
        if one.kind is EventKind.NEWCOMER and one.ratio < 0.25
    ]
    # V3: (3 × 0.14 + 0.28) / 4 = 0.175; Gemini 1.5 Pro: (3 × 3.5 + 10.5) / 4 = 5.25.
    # R1: (3 × 0.55 + 2.19) / 4 = 0.96.
    assert told[:2] == [("DeepSeek-V3", 3, "Gemini 1.5 Pro"), ("DeepSeek-R1", 18, "Gemini 1.5 Pro")]
    assert len(told) == 10


async def test_what_the_catalogue_dates_is_found_too() -> None:
    book = Ledger(await to_hand(), shipped_ledger().released)
    told = {
        (f"{one.at:%Y-%m-%d}", one.model[1], round(100 * float(one.ratio)))
        for one in moves(book, BEGIN, END)
    }
    # 1 / 6 → 0.20 / 1.20; 2.50 / 15 → 2 / 12; 5 / 30 → 4 / 20; 2 / 6 → 1.25 / 2.50.
    assert told >= {
        ("2026-07-30", "GPT-5.6 Luna", -80), ("2026-07-30", "GPT-5.6 Terra", -20),
        ("2026-08-21", "GPT-5.6 Sol", -33), ("2026-04-30", "Grok 4.20", -58),
    }  # fmt: skip
    # And it has nothing against what ships.
    assert {one[:2] for one in told} >= {(at[:10], model) for at, _, model, _, _ in EXPECTED}


def test_one_look_at_it_all_finds_what_a_look_a_day_does() -> None:
    at_once = changes(shipped_ledger(), load_models().models, BEGIN, END)
    assert [one.key for one in at_once] == [one.key for one in day_by_day()]
    assert len({one.key for one in at_once}) == len(at_once)
