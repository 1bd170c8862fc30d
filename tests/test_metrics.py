"""/metrics: every figure by its name, and no figure where nothing is known."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Files, Observed, render
from bot.model.measured import Durations, JobRuns, Measured
from storage.gauges import Gauges

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)
NOTHING = Gauges({}, {"on": 0, "failing": 0, "off": 0}, None, {}, {}, 0, {}, {}, None)


def samples(page: str) -> dict[str, float]:
    """The page's own samples, as a dashboard reads them: 'name{label="value"}' → value."""
    found = {}
    for family in text_string_to_metric_families(page):
        assert family.documentation, family.name
        for sample in family.samples:
            if sample.name.startswith("aftershock_"):
                labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample.labels.items()))
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def of(seen: Observed, *but: str) -> Mapping[str, float]:
    page, content_type = render(seen)
    assert content_type.startswith("text/plain")
    return {
        name: value
        for name, value in samples(page.decode()).items()
        if not name.startswith(tuple(f"aftershock_{one}" for one in but))
    }


def test_at_the_start_nothing_is_told_that_nobody_knows() -> None:
    assert of(Observed(NOW, 5.0, Measured(), ["console"]), "build", "cycle_duration") == {
        "aftershock_backups": 0,
        "aftershock_cycles_failed_total": 0,
        "aftershock_cycles_total": 0,
        "aftershock_database_up": 0,
        'aftershock_delivery_attempts_total{outcome="failed",surface="console"}': 0,
        'aftershock_delivery_attempts_total{outcome="refused",surface="console"}': 0,
        'aftershock_delivery_attempts_total{outcome="sent",surface="console"}': 0,
        'aftershock_surface_stopped{surface="console"}': 0,
    }


def test_a_bot_at_work() -> None:
    measured = Measured(
        failed_cycles=1, gateways={"discord": True, "slack": False}, delivery_turned=99.5
    )
    for seconds in (0.2, 0.25, 40.0, 1000.0):
        measured.cycles.add(seconds)
    for seconds in (-1.0, 3.0):  # the clock was put back
        measured.delays["discord"].add(seconds)
    measured.outcomes["discord", "sent"] = 2
    measured.outcomes["slack", "put off"] = 7
    measured.limited["slack"] = 7
    measured.jobs["poll"] = JobRuns(5, 1, [], 40.0)
    measured.jobs["prune"] = JobRuns(1, 0, [90.0], None)
    gauges = Gauges(
        sources={"Yahoo": (NOW - timedelta(minutes=2), 0), "Yahoo quotes": (None, 4)},
        feeds={"on": 30, "failing": 2, "off": 1},
        looked_at=NOW - timedelta(seconds=7),
        waiting={("slack", "pending"): 3},
        oldest_due={"slack": NOW - timedelta(hours=1)},
        held=2,
        subscriptions={"rule": 4},
        receivers={"slack": (9, 1)},
        size=4096,
    )
    seen = Observed(
        NOW, 100.0, measured, ["console", "discord", "slack"], frozenset({"slack"}), 0.25, gauges,
        Files(512, 3, NOW - timedelta(days=1)),
    )  # fmt: skip
    found = of(seen)
    expected = {
        'cycle_duration_seconds_bucket{le="0.25"}': 2,
        'cycle_duration_seconds_bucket{le="300.0"}': 3,
        'cycle_duration_seconds_bucket{le="+Inf"}': 4,
        "cycle_duration_seconds_count": 4,
        "cycle_duration_seconds_sum": 1040.45,
        "cycles_total": 4,
        "cycles_failed_total": 1,
        'job_runs_total{job="poll"}': 5,
        'job_failures_total{job="poll"}': 1,
        'job_success_age_seconds{job="poll"}': 60,
        "event_loop_lag_seconds": 0.25,
        'gateway_connected{surface="discord"}': 1,
        'gateway_connected{surface="slack"}': 0,
        'surface_stopped{surface="slack"}': 1,
        'surface_stopped{surface="discord"}': 0,
        "delivery_turn_age_seconds": 0.5,
        'delivery_attempts_total{outcome="sent",surface="discord"}': 2,
        'delivery_attempts_total{outcome="put off",surface="slack"}': 7,
        'rate_limited_total{surface="slack"}': 7,
        'rate_limited_total{surface="discord"}': 0,
        'delivery_duration_seconds_bucket{le="0.1",surface="discord"}': 1,
        'delivery_duration_seconds_sum{surface="discord"}': 3,
        'delivery_duration_seconds_count{surface="discord"}': 2,
        "database_up": 1,
        'source_age_seconds{source="Yahoo"}': 120,
        'source_failures{source="Yahoo quotes"}': 4,
        'feeds{state="failing"}': 2,
        "feeds_age_seconds": 7,
        "held_prices": 2,
        'subscriptions{kind="rule"}': 4,
        'receivers{surface="slack"}': 9,
        'receivers_given_up{surface="slack"}': 1,
        "database_bytes": 4096,
        "database_wal_bytes": 512,
        'queue_messages{state="pending",surface="slack"}': 3,
        'queue_messages{state="claimed",surface="discord"}': 0,
        'delivery_lag_seconds{surface="slack"}': 3600,
        'delivery_lag_seconds{surface="console"}': 0,
        "backups": 3,
        "backup_age_seconds": 86400,
    }
    assert {name: found.get(f"aftershock_{name}") for name in expected} == expected
    unknown = (
        'job_success_age_seconds{job="prune"}',
        'source_age_seconds{source="Yahoo quotes"}',
        'delivery_duration_seconds_count{surface="slack"}',
    )
    assert not {f"aftershock_{name}" for name in unknown} & set(found)


def test_what_the_database_does_not_know_is_left_out() -> None:
    found = of(Observed(NOW, 5.0, Measured(), [], gauges=NOTHING))
    assert found["aftershock_database_up"] == 1
    absent = ("feeds_age_seconds", "database_bytes", "delivery_lag_seconds", "backup_age_seconds")
    assert not [name for name in found if name.startswith(tuple(f"aftershock_{a}" for a in absent))]


def test_the_process_is_measured_and_open_metrics_are_spoken() -> None:
    seen = Observed(NOW, 5.0, Measured(), [])
    page, content_type = render(seen, "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert page.endswith(b"# EOF\n")
    assert b"process_resident_memory_bytes" in page
    assert b'aftershock_build_info{python="' in page


def test_durations_are_counted_by_their_upper_bounds() -> None:
    took = Durations((1.0, 2.0))
    for seconds in (0.0, 1.0, 1.5, 2.0, 3.0):
        took.add(seconds)
    assert (took.counts, took.total) == ([2, 2, 1], 7.5)
