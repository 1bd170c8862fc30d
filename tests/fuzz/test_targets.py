"""Whatever others write, readers answer with what they are known for, and cards stay in bounds."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.market.yahoo_shapes import read_batch
from tests.fuzz.targets import NOW, TARGETS, nothing

EXAMPLES = int(os.environ.get("AFTERSHOCK_FUZZ_EXAMPLES", "25"))
_SPREAD = random.Random(20250127)


def _edited(body: bytes, edits: list[tuple[float, bytes, int]]) -> bytes:
    """A body with some bytes put in at some places, in place of so many."""
    for at, part, gone in edits:
        place = int(at * len(body))
        body = body[:place] + part + body[place + gone :]
    return body


EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.binary(max_size=12), st.integers(0, 40)), min_size=1, max_size=6
)


@pytest.mark.parametrize("name", TARGETS)
def test_anything_at_all(name: str) -> None:
    check = TARGETS[name].check

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.binary(max_size=900))
    def holds(data: bytes) -> None:
        check(data)

    holds()


@pytest.mark.parametrize(
    "name", [name for name, one in TARGETS.items() if one.seeds is not nothing]
)
def test_what_is_usual_with_a_few_bytes_changed(name: str) -> None:
    check, seeds = TARGETS[name].check, sorted(TARGETS[name].seeds(), key=len)
    few = seeds[: max(8, len(seeds) // 2)]

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.sampled_from(few), EDITS)
    def holds(seed: bytes, edits: list[tuple[float, bytes, int]]) -> None:
        check(_edited(seed, edits))

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_long_noise(name: str) -> None:
    """Longer than hypothesis makes it: whole cards, nested lists."""
    for _ in range(EXAMPLES):
        TARGETS[name].check(_SPREAD.randbytes(_SPREAD.randrange(2_000)))


@pytest.mark.parametrize("symbol", [{}, [], None, 3, ["NVDA"], {"NVDA": 1}])
def test_a_row_of_yahoos_without_a_symbol_is_no_row(symbol: object) -> None:
    batch = read_batch([{"symbol": symbol, "regularMarketPrice": 1}], ["NVDA"], NOW)
    assert (batch.quotes, batch.missing) == ((), ("NVDA",))
