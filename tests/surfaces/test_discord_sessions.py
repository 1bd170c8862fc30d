"""How often sessions are begun: never a thousand in a day, whatever the gateway does."""

from itertools import pairwise

from bot.surfaces.discord_sessions import HOURLY, Sessions


def _begun_in_a_day(shards: int = 1) -> list[float]:
    """When sessions begin that are declared invalid at once, all day."""
    sessions, now, found = Sessions(), 0.0, list[float]()
    while now < 86_400:
        if wait := sessions.wait(now, shards):
            now += wait
            continue
        sessions.begin(now)
        found.append(now)
    return found


def test_a_day_of_invalid_sessions_stays_within_discords_thousand() -> None:
    found = _begun_in_a_day()
    assert HOURLY * 24 <= len(found) <= 750
    assert min(b - a for a, b in pairwise(found)) >= 5


def test_a_bot_of_many_shards_may_begin_each_of_them_again() -> None:
    sessions = Sessions()
    for shard in range(80):
        now = shard * 5.0
        assert sessions.wait(now, shards=40) == 0
        sessions.begin(now)
    assert sessions.wait(400.0, shards=40) == 3200.0


def test_the_first_does_not_wait() -> None:
    assert Sessions().wait(0.0) == 0
