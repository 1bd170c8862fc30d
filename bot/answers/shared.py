"""What a channel gets, in terms that mean the same in the channel that it is linked with. Pure."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.costs import wanted as prices
from bot.model.room import crosses
from bot.releases.wanted import identity
from storage.controls import Silence
from storage.receivers import Subscription

# What a subscription is of, whatever its number: ("rule", …), ("digest", …), ("releases", …) or
# ("prices", …).
Key = tuple[Hashable, ...]
# What a silence is of, and until when: a target, or the key of the alert that it names.
Quiet = tuple[str | Key, datetime]


def key_of(item: Subscription) -> Key | None:
    """What a subscription is of; None where it names a basket of the channel's own, and stays."""
    if item.rule is not None:
        return ("rule", item.rule.spec) if crosses(item.rule.target) else None
    filters = item.filters
    if item.kind == "digest":
        weekday = filters["weekday"] if filters["every"] == "week" else None
        key = ("digest", filters["every"], filters["minute"], weekday, filters["target"])
        return key if crosses(str(filters["target"])) else None
    if item.kind == "prices":
        return ("prices", *prices.identity(filters))
    return (item.kind, *identity(filters))


@dataclass(frozen=True, slots=True)
class Kept:
    """What one channel gets and what is silent there. `staying` is left out: its own baskets'."""

    subscriptions: Mapping[Key, Subscription]
    silences: Mapping[Quiet, Silence]
    staying: int = 0

    @property
    def numbers(self) -> dict[Key, int]:
        """The number of each subscription."""
        return {key: item.id for key, item in self.subscriptions.items()}


def kept(subscriptions: Iterable[Subscription], silences: Iterable[Silence]) -> Kept:
    """What crosses of a channel's subscriptions, and of its silences in force."""
    mine: dict[Key, Subscription] = {}
    keys: dict[int, Key] = {}
    staying = 0
    for item in subscriptions:
        key = key_of(item)
        if key is None:
            staying += 1
            continue
        mine.setdefault(key, item)
        keys[item.id] = key
    quiet: dict[Quiet, Silence] = {}
    for one in silences:
        what = silenced(one.target, keys)
        if what is not None:
            quiet[what, one.until] = one
    return Kept(mine, quiet, staying)


def silenced(target: str, keys: Mapping[int, Key]) -> str | Key | None:
    """What a silence is of, on both sides; None for what the other side does not have."""
    kind, _, number = target.partition(":")
    if kind == "rule":
        return keys.get(int(number)) if number.isdigit() else None
    return target if crosses(target) else None


@dataclass(frozen=True, slots=True)
class Delta:
    """What a command changed in a channel, to be done in the linked one too."""

    added: Sequence[tuple[Key, Subscription]] = ()
    removed: Sequence[Key] = ()
    silenced: Sequence[tuple[Quiet, Silence]] = ()
    ended: Sequence[Quiet] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.silenced or self.ended)


def delta(before: Kept, after: Kept) -> Delta:
    """What came and what went."""
    return Delta(
        added=[(k, s) for k, s in after.subscriptions.items() if k not in before.subscriptions],
        removed=[k for k in before.subscriptions if k not in after.subscriptions],
        silenced=[(q, s) for q, s in after.silences.items() if q not in before.silences],
        ended=[q for q in before.silences if q not in after.silences],
    )


def missing(here: Kept, there: Kept) -> Delta:
    """What a channel lacks of what the other has."""
    return delta(Kept(here.subscriptions, here.silences), _both(here, there))


def _both(here: Kept, there: Kept) -> Kept:
    return Kept({**there.subscriptions, **here.subscriptions}, {**there.silences, **here.silences})


def replaced(
    added: Subscription, removed: Iterable[Key], twin: Mapping[Key, Subscription]
) -> Subscription | None:
    """The twin's subscription in whose place one comes: of the same measure, at other levels."""
    if added.rule is None:
        return None
    for key in removed:
        old = twin.get(key)
        if old is not None and old.rule is not None and old.rule.key == added.rule.key:
            return old
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom and how long an alert is: each member of its basket too, once only, until when."""

    members: bool
    once: bool
    expires_at: datetime | None


def wider(one: Subscription, other: Subscription) -> Terms:
    """The terms that tell all that either of two alerts on the same would."""
    ends = [item.expires_at for item in (one, other) if item.expires_at is not None]
    return Terms(
        one.members or other.members,
        one.once and other.once,
        max(ends) if len(ends) == 2 else None,
    )
