"""Jobs: when they run, and what a sleep of the machine does to them."""

from datetime import UTC, datetime, timedelta

from bot.jobs import Trigger, every
from bot.market.calendar import next_poll

NOW = datetime(2025, 1, 27, 15, tzinfo=UTC)
MINUTE, HALF_HOUR = timedelta(minutes=1), timedelta(minutes=30)


def test_a_job_runs_at_its_interval() -> None:
    trigger = Trigger(every(60))
    assert trigger.get_next_fire_time(None, NOW) == NOW
    assert trigger.get_next_fire_time(NOW, NOW + timedelta(seconds=1)) == NOW + MINUTE


def test_two_days_asleep_are_one_run() -> None:
    trigger = Trigger(every(60))
    woken = NOW + timedelta(hours=48)
    fired, previous = [], NOW
    # As APScheduler collects what was missed: until the next time lies in the future.
    while (following := trigger.get_next_fire_time(previous, woken)) <= woken:
        fired.append(following)
        previous = following
        assert len(fired) < 5
    assert fired == [woken]


def test_polling_after_two_days_asleep_is_one_poll() -> None:
    def next_time(previous: datetime | None, now: datetime) -> datetime:
        return next_poll({"XNYS"}, now, previous, MINUTE, HALF_HOUR)

    trigger = Trigger(next_time)
    woken = datetime(2025, 1, 29, 15, 0, 30, tzinfo=UTC)
    first = trigger.get_next_fire_time(NOW, woken)
    assert first == woken
    assert trigger.get_next_fire_time(first, woken) > woken
