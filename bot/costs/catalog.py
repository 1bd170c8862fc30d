"""What genai-prices has, as rates: the one place that knows that library.

Its data ships with it. A price is in force from a date, at hours of the day, or above a number of
input tokens; the last that fits wins. It has no dates for first prices: they hold from a model's
release. Prices of nothing are left out, since they stand for a plan or a trial.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from bot.errors import SourceError
from bot.model.rate import Evidence, Key, Rate, Terms

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

SOURCE = "genai-prices"

# Its providers that are labs, by their keys in labs.toml. Of two that stand for one lab the first
# is believed: zhipuai's prices are converted from yuan, zai's are asked in dollars.
LABS = {
    "anthropic": "anthropic", "arcee": "arcee", "cohere": "cohere", "cursor": "cursor",
    "deepseek": "deepseek", "google": "google", "meta": "meta", "minimax": "minimax",
    "mistral": "mistral", "moonshotai": "moonshot", "openai": "openai",
    "perplexity": "perplexity", "x-ai": "xai", "zai": "zai", "zhipuai": "zai",
}  # fmt: skip
# What its undated prices of moving names are the prices of: the models of early 2025, which its
# conditions name as well.
_MEANT = {
    "deepseek-chat": ("DeepSeek-V3", "DeepSeek-V3-0324"),
    "deepseek-reasoner": ("DeepSeek-R1", "DeepSeek-R1-0528"),
}
# What a customer has trained further: another product.
_TUNED = re.compile(r"^ft:|\.ft-$")
_LOOKED = re.compile(r"(?:checked|verified|updated|as of|observed)(?: \w+){0,3} (20\d\d-\d\d-\d\d)")
_HALF_A_DAY = 720


@dataclass(frozen=True, slots=True)
class Names:
    """How names are read: a model by a lab's key ("" where it is not known) and a name; the lab
    whose model a name is, or ""; whether a name leads to one model after another.
    """

    identify: Callable[[str, str], Key | None]
    maker: Callable[[str], str]
    moves: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A model as one provider sells it."""

    key: Key
    provider: str
    model: "ModelInfo"


def catalog(names: Names, snapshot: Any = None) -> tuple[Rate, ...]:
    """Every price of tokens that the library has, for the models that can be told.

    `snapshot` is what was fetched, unless what was taken last, or ships, is meant. A lab's model
    that `names` does not know is called as the library calls it; what others sell
    under a name that nobody knows is left out.
    """
    from genai_prices.data_snapshot import get_snapshot  # slow to import

    snapshot = snapshot or get_snapshot()
    fetched = snapshot.timestamp.astimezone(UTC) if snapshot.from_auto_update else None
    observed = fetched or looked_at(snapshot.providers)
    return tuple(
        rate for entry in _entries(snapshot.providers, names) for rate in _rates(entry, observed)
    )


def fetch(url: str = "") -> Any:
    """The library's newest data, for `catalog` and `take`; `url` is where it is, unless its makers'
    own address.

    Raises SourceError where that fails. Blocks for up to ten seconds.
    """
    from genai_prices import UpdatePrices
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    # The library raises whatever its HTTP client and its reading do.
    try:
        snapshot = UpdatePrices(url=url or DEFAULT_UPDATE_URL).fetch()
    except Exception as error:
        why = f"its newest data could not be fetched ({type(error).__name__})"
        raise SourceError(why) from error
    if snapshot is None or not any(one.models for one in snapshot.providers):
        raise SourceError("its newest data could not be fetched (there is nothing in it)")
    return snapshot


def take(snapshot: Any) -> None:
    """Have `catalog` read what was fetched from now on."""
    from genai_prices.data_snapshot import set_custom_snapshot

    set_custom_snapshot(snapshot)


def looked_at(providers: Sequence["Provider"]) -> datetime:
    """When its people last looked at a price, by what they noted."""
    notes = [p.price_comments or "" for p in providers]
    notes += [m.price_comments or "" for p in providers for m in p.models]
    newest = max(date.fromisoformat(day) for note in notes for day in _LOOKED.findall(note))
    return datetime.combine(newest, time(), UTC)


def _entries(providers: Sequence["Provider"], names: Names) -> Iterator[_Entry]:
    """Each provider's models by key, once: of several names the one nearest to the key's."""
    found: dict[tuple[str, Key], _Entry] = {}
    own: dict[str, Key] = {}
    rank = {provider: place for place, provider in enumerate(LABS)}
    ordered = sorted(providers, key=lambda one: rank.get(one.id, len(rank)))
    for provider in ordered:
        seller = LABS.get(provider.id, provider.id)
        mine: dict[Key, _Entry] = {}
        # The shortest name first: "gpt-4o" before "gpt-4o-2024-05-13".
        for model in sorted(provider.models, key=lambda one: (len(one.id), one.id)):
            for key in _keys(provider, model, names, own):
                mine.setdefault(key, _Entry(key, seller, model))
                if key[0] == seller:
                    own.setdefault(_plain(key[1]), key)
                    own.setdefault(_plain(model.id), key)
        # What a price is said to cover beside its own model.
        for model in provider.models:
            for key in _covered(provider, model, names):
                mine.setdefault(key, _Entry(key, seller, model))
        for key, entry in mine.items():
            found.setdefault((seller, key), entry)
    yield from found.values()


def _keys(
    provider: "Provider", model: "ModelInfo", names: Names, own: dict[str, Key]
) -> Iterator[Key]:
    """The models that an entry is of: several for a moving name, none where it cannot be told."""
    lab = LABS.get(provider.id, "")
    if lab == "deepseek" and model.id in _MEANT:
        yield from ((lab, name) for name in _MEANT[model.id])
        return
    if _TUNED.search(model.id):
        return
    made = names.maker(model.id) or lab
    texts = [model.id]
    if names.moves(model.id):  # what it stands for is among its conditions
        texts = [text for text in _texts(model.match) if not names.moves(text)]
    # "(Fast)" behind a name makes it another product.
    if model.name and "(" not in model.name and any(map(str.isdigit, model.name)):
        texts.append(model.name)
    for text in texts:
        if ":" in text and text.partition(":")[2] in ("free", "thinking", "extended", "batch"):
            return
        key = names.identify(made, text) or own.get(_plain(text.rsplit("/", 1)[-1]))
        if key is not None and (not made or key[0] == made):
            yield key
            return
    if lab and made == lab and "/" not in model.id and not names.moves(model.id):
        yield lab, model.name or model.id


def _covered(provider: "Provider", model: "ModelInfo", names: Names) -> Iterator[Key]:
    """Other models that are called, by its conditions, what this price is for."""
    lab = LABS.get(provider.id, "")
    if not lab or model.id in _MEANT:
        return
    for text in _texts(model.match):
        if not names.moves(text) and (key := names.identify(lab, text)) is not None:
            yield key


def _rates(entry: _Entry, observed: datetime) -> Iterator[Rate]:
    """The usual prices by date, then those at hours of the day, then batches."""
    model, provider = entry.model, entry.provider
    dated, timed = _conditions(model)
    plain = Rate(entry.key, provider, None, None, SOURCE, observed, Evidence.CATALOG)
    for index, (since, prices) in enumerate(dated):
        until = dated[index + 1][0] if index + 1 < len(dated) else None
        span = replace(plain, since=since, until=until)
        clock = timed if index + 1 == len(dated) else []
        yield from _clocked(span, prices, clock, model.price_comments or "")
    yield from _batches(plain, model, dated[-1][1])


def _conditions(
    model: "ModelInfo",
) -> tuple[list[tuple[datetime | None, "ModelPrice"]], list[tuple[tuple[int, int], "ModelPrice"]]]:
    """Prices by the date they begin, and prices by hours; the hours go with the last date, since
    one condition of the library cannot say both.
    """
    if not isinstance(model.prices, list):
        return [(None, model.prices)], []
    dated: dict[datetime | None, ModelPrice] = {}
    timed = []
    for one in model.prices:
        start = getattr(one.constraint, "start_date", None)
        if one.constraint is None:
            dated[None] = one.prices
        elif start is not None:
            dated[datetime.combine(start, time(), UTC)] = one.prices
        else:
            hours: Any = one.constraint
            timed.append(((_minute(hours.start_time), _minute(hours.end_time)), one.prices))
    return sorted(dated.items(), key=lambda d: d[0] or datetime.min.replace(tzinfo=UTC)), timed


def _clocked(
    span: Rate,
    base: "ModelPrice",
    timed: Sequence[tuple[tuple[int, int], "ModelPrice"]],
    comments: str,
) -> Iterator[Rate]:
    """The price of most of the day is the usual one; of the other hours it says whether they are
    dearer.
    """
    if not timed:
        yield from _tiers(span, base, Terms())
        return
    hours, at_hours = tuple(window for window, _ in timed), timed[0][1]
    minutes = sum((to - start) % 1440 for start, to in hours)
    if minutes > _HALF_A_DAY:
        base, at_hours = at_hours, base
        hours = tuple((to, hours[(i + 1) % len(hours)][0]) for i, (_, to) in enumerate(hours))
    dearer = (_first(at_hours.output_mtok) or 0) > (_first(base.output_mtok) or 0)
    weekdays = dearer and "weekend" in comments.lower()
    yield from _tiers(span, base, Terms())
    yield from _tiers(span, at_hours, Terms("peak" if dearer else "off-peak", hours, weekdays))


def _batches(plain: Rate, model: "ModelInfo", standard: "ModelPrice") -> Iterator[Rate]:
    """What it costs requests that may wait. A meter that a variant leaves out costs as usual."""
    found: dict[datetime | None, ModelPrice] = {}
    for one in model.price_variants or ():
        start = getattr(one.constraint, "start_date", None)
        if one.when == {"processing": "batch"} and (one.constraint is None or start):
            since = datetime.combine(start, time(), UTC) if start else None
            found.setdefault(since, one.prices)
    dates = sorted(found, key=lambda d: d or datetime.min.replace(tzinfo=UTC))
    for since, until in zip(dates, [*dates[1:], None], strict=False):
        merged = type(standard)(**{**_given(standard), **_given(found[since])})
        span = replace(plain, since=since, until=until)
        yield from _tiers(span, merged, Terms(batch=True))


def _given(prices: "ModelPrice") -> dict[str, Any]:
    meters = ("input_mtok", "cache_read_mtok", "output_mtok")
    return {name: getattr(prices, name) for name in meters if getattr(prices, name) is not None}


def _tiers(span: Rate, prices: "ModelPrice", terms: Terms) -> Iterator[Rate]:
    """The price of a request, and that of one with more input than each bound."""
    meters = (prices.input_mtok, prices.cache_read_mtok, prices.output_mtok)
    bounds = sorted({t.start for one in meters for t in getattr(one, "tiers", ())})
    for over in (0, *bounds):
        asked, cached, answered = (_above(one, over) for one in meters)
        if asked is None or answered is None or not (asked or answered):
            continue
        yield replace(
            span,
            input_mtok=asked,
            cached_mtok=cached,
            output_mtok=answered,
            terms=replace(terms, over=over),
        )


def _above(price: Any, over: int) -> Decimal | None:
    """The price of one meter for a request of more than `over` tokens of input."""
    found = _first(price)
    for tier in getattr(price, "tiers", ()):
        if tier.start <= over:
            found = tier.price
    return found


def _first(price: Any) -> Decimal | None:
    return cast("Decimal | None", price.base if hasattr(price, "base") else price)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _texts(clause: Any) -> Iterator[str]:
    """The names that a condition spells out."""
    for part in (*getattr(clause, "or_", ()), *getattr(clause, "and_", ())):
        yield from _texts(part)
    for name in ("equals", "starts_with"):
        if text := getattr(clause, name, ""):
            yield text


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower().replace("+", "plus"))
