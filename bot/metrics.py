"""/metrics: what is known of the running program, in the words that Prometheus reads.

What is not known has no sample: a dashboard shows a gap and never a zero that nobody counted.
"""

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from itertools import accumulate
from typing import TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from bot.model.measured import Durations, Measured
from storage.attempts import FAILED, REFUSED, SENT
from storage.gauges import Gauges

PREFIX = "aftershock"
K = TypeVar("K", bound=tuple[str, ...])


@dataclass(frozen=True)
class Files:
    """What lies in the data folder: the write-ahead log's size in bytes (None: there is none), and
    how many backups there are, with the moment of the newest.
    """

    wal: int | None = None
    backups: int = 0
    newest_backup: datetime | None = None


@dataclass(frozen=True)
class Observed:
    """A moment of the program.

    `ticks` is that moment in seconds of the event loop's clock. `surfaces` are those it speaks to,
    `stopped` those of them that take nothing. `lag` is by how many seconds the event loop was late
    at most in the last minute. `gauges` is None where the database does not answer.
    """

    now: datetime
    ticks: float
    measured: Measured
    surfaces: Sequence[str]
    stopped: frozenset[str] = frozenset()
    lag: float | None = None
    gauges: Gauges | None = None
    files: Files = Files()


class _Once(Collector):
    """Tells what was observed."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def collect(self) -> Iterable[Metric]:
        return families(self._observed)


def render(observed: Observed, accept: str = "") -> tuple[bytes, str]:
    """The page, and its content type: as text, or as OpenMetrics where `accept` asks for that."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(observed))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def families(seen: Observed) -> Iterator[Metric]:
    """Every metric of the program's own. Pure but for the program's version."""
    yield _info()
    yield from _running(seen)
    yield from _sending(seen)
    up = seen.gauges is not None
    yield _gauge("database_up", "Whether the database answered this request", int(up))
    if seen.gauges is not None:
        yield from _stored(seen.gauges, seen)
        yield from _queued(seen.gauges, seen)
    yield from _filed(seen)


def _info() -> Metric:
    info = InfoMetricFamily(f"{PREFIX}_build", "The program's version and Python's")
    info.add_metric((), {"version": version("aftershock"), "python": platform.python_version()})
    return info


def _running(seen: Observed) -> Iterator[Metric]:
    measured = seen.measured
    took = _histogram("cycle_duration_seconds", "How long cycles of asking and judging took")
    _fill(took, (), measured.cycles)
    yield took
    yield _counter("cycles", "Cycles begun and ended", {(): sum(measured.cycles.counts)})
    yield _counter(
        "cycles_failed", "Cycles in which prices could not be had", {(): measured.failed_cycles}
    )
    jobs = sorted(measured.jobs.items())
    yield _counter("job_runs", "Runs of a job", {(n,): j.runs for n, j in jobs}, "job")
    yield _counter(
        "job_failures", "Runs of a job that failed", {(n,): j.failures for n, j in jobs}, "job"
    )
    yield _gauges(
        "job_success_age_seconds",
        "Since a job last ended well",
        {(n,): seen.ticks - j.succeeded for n, j in jobs if j.succeeded is not None},
        "job",
    )
    yield _gauge(
        "event_loop_lag_seconds", "How late the event loop was at most in the last minute", seen.lag
    )


def _sending(seen: Observed) -> Iterator[Metric]:
    measured = seen.measured
    surfaces = sorted({*seen.surfaces, *measured.gateways})
    yield _gauges(
        "gateway_connected",
        "Whether a surface is connected, so that commands come (1) or not (0)",
        {(name,): int(on) for name, on in sorted(measured.gateways.items())},
        "surface",
    )
    yield _gauges(
        "surface_stopped",
        "Whether a surface takes no messages at all (1), as with a refused token",
        {(name,): int(name in seen.stopped) for name in surfaces},
        "surface",
    )
    yield _gauge(
        "delivery_turn_age_seconds",
        "Since the queue of messages was last worked off",
        None if measured.delivery_turned is None else seen.ticks - measured.delivery_turned,
    )
    outcomes: dict[tuple[str, str], int] = {
        (name, how): 0 for name in surfaces for how in (SENT, FAILED, REFUSED)
    }
    outcomes |= measured.outcomes
    yield _counter(
        "delivery_attempts", "Attempts to send, by what became of them", outcomes,
        "surface", "outcome",
    )  # fmt: skip
    limited = {(name,): measured.limited[name] for name in sorted(measured.gateways)}
    yield _counter("rate_limited", "How often a surface asked to wait (429)", limited, "surface")
    took = _histogram(
        "delivery_duration_seconds", "From enqueued to sent, with all that it waited for", "surface"
    )
    for name, durations in sorted(measured.delays.items()):
        _fill(took, (name,), durations)
    yield took


def _stored(gauges: Gauges, seen: Observed) -> Iterator[Metric]:
    sources = sorted(gauges.sources.items())
    yield _gauges(
        "source_age_seconds",
        "Since a source last answered well",
        {(name,): _age(seen, at) for name, (at, _failures) in sources if at is not None},
        "source",
    )
    yield _gauges(
        "source_failures",
        "How often in a row a source has failed",
        {(name,): failures for name, (_at, failures) in sources},
        "source",
    )
    yield _gauges(
        "feeds",
        "Feeds that are looked at (on), that fail among them, and that are off",
        {(state,): number for state, number in gauges.feeds.items()},
        "state",
    )
    yield _gauge(
        "feeds_age_seconds", "Since any feed was last read", _since(seen, gauges.looked_at)
    )
    yield _gauge("held_prices", "Prices that are held back until they are confirmed", gauges.held)
    yield _gauges(
        "subscriptions",
        "Subscriptions of all channels, by what they are to",
        {(kind,): number for kind, number in sorted(gauges.subscriptions.items())},
        "kind",
    )
    places = sorted(gauges.receivers.items())
    yield _gauges(
        "receivers", "Known channels", {(n,): every for n, (every, _) in places}, "surface"
    )
    yield _gauges(
        "receivers_given_up",
        "Channels that are sent nothing, since they could not be reached",
        {(name,): given_up for name, (_, given_up) in places},
        "surface",
    )
    yield _gauge("database_bytes", "Size of the database", gauges.size)


def _queued(gauges: Gauges, seen: Observed) -> Iterator[Metric]:
    queue = {(name, state): 0 for name in seen.surfaces for state in ("pending", "claimed")}
    yield _gauges(
        "queue_messages", "Messages that are not sent yet", queue | dict(gauges.waiting),
        "surface", "state",
    )  # fmt: skip
    lag = {(name,): 0.0 for name in seen.surfaces}
    lag |= {(name,): _age(seen, at) for name, at in gauges.oldest_due.items()}
    yield _gauges(
        "delivery_lag_seconds", "Age of the oldest message that is due; 0 while none is", lag,
        "surface",
    )  # fmt: skip


def _filed(seen: Observed) -> Iterator[Metric]:
    files = seen.files
    yield _gauge("database_wal_bytes", "Size of the database's write-ahead log", files.wal)
    yield _gauge("backups", "Backups in the data folder", files.backups)
    yield _gauge(
        "backup_age_seconds", "Since the newest backup was made", _since(seen, files.newest_backup)
    )


def _age(seen: Observed, at: datetime) -> float:
    """Seconds since then; what is of the future is new."""
    return max(0.0, (seen.now - at).total_seconds())


def _since(seen: Observed, at: datetime | None) -> float | None:
    return None if at is None else _age(seen, at)


def _gauges(name: str, words: str, values: Mapping[K, float], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=labels)
    for given, value in values.items():
        family.add_metric(given, value)
    return family


def _gauge(name: str, words: str, value: float | None) -> GaugeMetricFamily:
    return _gauges(name, words, {} if value is None else {(): value})


def _counter(name: str, words: str, values: Mapping[K, float], *labels: str) -> CounterMetricFamily:
    family = CounterMetricFamily(f"{PREFIX}_{name}", words, labels=labels)
    for given, value in values.items():
        family.add_metric(given, value)
    return family


def _histogram(name: str, words: str, *labels: str) -> HistogramMetricFamily:
    return HistogramMetricFamily(f"{PREFIX}_{name}", words, labels=labels)


def _fill(family: HistogramMetricFamily, labels: Sequence[str], took: Durations) -> None:
    bounds = [*map(floatToGoString, took.bounds), "+Inf"]
    below = accumulate(took.counts)
    family.add_metric(labels, list(zip(bounds, below, strict=True)), took.total)
