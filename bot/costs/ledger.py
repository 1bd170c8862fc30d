"""The ledger of prices: who asked what for which model, from when to when, and who says so. Pure.

It is bitemporal. `at` is the moment a price is asked for; `known_at` leaves out what had not been
observed by then. Evidence that ships is believed before a catalogue, a catalogue before a list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from bot.model.rate import Key, Quoted, Rate, Terms


@dataclass(frozen=True)
class Ledger:
    """Every rate that is known. `released` is when each model came, where that is known: no price
    is told for a moment before it.
    """

    rates: Sequence[Rate]
    released: Mapping[Key, datetime] = field(default_factory=dict)

    @cached_property
    def _by_key(self) -> Mapping[Key, Sequence[Rate]]:
        found: dict[Key, list[Rate]] = {}
        for rate in self.rates:
            found.setdefault(rate.key, []).append(rate)
        return found

    @property
    def keys(self) -> Iterable[Key]:
        """The models that anything is known of."""
        return self._by_key.keys()

    def of(self, key: Key) -> Sequence[Rate]:
        """Every rate of a model, in no order."""
        return self._by_key.get(key, ())

    def is_out(self, key: Key, at: datetime) -> bool:
        """Whether the model had been released; one whose day is not known counts as out."""
        return key not in self.released or self.released[key] <= at

    def dated(self) -> "Ledger":
        """The same, where what gives no day holds only since it was observed."""
        rates = [r if r.since is not None else replace(r, since=r.observed_at) for r in self.rates]
        return Ledger(rates, self.released)

    def known_by(self, at: datetime) -> "Ledger":
        """The same, without what had not been observed by then."""
        return Ledger([one for one in self.rates if one.observed_at <= at], self.released)

    def quotes(
        self,
        key: Key,
        at: datetime,
        *,
        provider: str | None = None,
        known_at: datetime | None = None,
    ) -> list[Quoted]:
        """What is asked at that moment: one for each provider and terms, the lab's own first, the
        usual terms before others. Empty before the release.
        """
        if not self.is_out(key, at):
            return []
        found: dict[tuple[str, Terms], list[Rate]] = {}
        for rate in self.of(key):
            if provider is not None and rate.provider != provider:
                continue
            if known_at is not None and rate.observed_at > known_at:
                continue
            if rate.holds(at) and (rate.since is not None or self._began(rate, at)):
                found.setdefault((rate.provider, rate.terms), []).append(rate)
        several = [
            _quoted(rates)
            for _, rates in sorted(found.items(), key=lambda one: _order(key[0], *one[0]))
        ]
        return [one for one in several if one is not None]

    def quote(
        self,
        key: Key,
        at: datetime,
        *,
        provider: str | None = None,
        terms: Terms | None = None,
        known_at: datetime | None = None,
    ) -> Quoted | None:
        """What is asked under those terms (the usual ones): by the lab itself unless another
        provider is named; None where that is not known.
        """
        wanted = terms or Terms()
        for one in self.quotes(key, at, provider=provider or key[0], known_at=known_at):
            if one.best.terms == wanted:
                return one
        return None

    def _began(self, rate: Rate, at: datetime) -> bool:
        """Whether a rate without a beginning may be told of that moment: a lab's own since the
        release, where that is known; another's, who may have begun later, since it was observed.
        """
        begun = self.released.get(rate.key) if rate.provider == rate.key[0] else None
        return at >= (begun if begun is not None else rate.observed_at)


def _quoted(rates: Sequence[Rate]) -> Quoted | None:
    """The best first: the strongest evidence, then what is observed last. What was read before
    another source saw a change cannot speak of what is asked since then. What is in doubt comes
    last, whoever says it.
    """
    if not rates:
        return None
    ranked = sorted(
        rates, key=lambda r: (r.unsure, -r.evidence, -r.observed_at.timestamp(), r.source)
    )
    changed = [
        r
        for r in ranked
        if r.since is not None and r.since > ranked[0].observed_at and not r.unsure
    ]
    best = max(changed, key=lambda r: (r.since, r.evidence, r.observed_at), default=ranked[0])
    return Quoted(best, (best, *(r for r in ranked if r is not best)))


def _order(lab: str, provider: str, terms: Terms) -> tuple[bool, str, bool, bool, int, str]:
    return (
        provider != lab,
        provider,
        not terms.usual,
        terms.batch,
        terms.over,
        terms.clock,
    )
