"""A release, what ships about its model and what feeds said of it → all that is known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.cards.claim_words import dollars as claimed_dollars
from bot.cards.claim_words import estimated, figure
from bot.cards.model import UNKNOWN, Dossier, Said
from bot.cards.release_words import asked, dollars, size, tokens
from bot.costs.claims import Claim, Quantity, Training
from bot.model.rate import Quoted
from bot.model.release import Release
from bot.model.wording import day, listing
from bot.releases.models import Model, Price

Found = dict[str, list[Said]]
_OPEN = {True: "open", False: "closed"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a source said of a model in a feed: its title, when, and figures by name."""

    source: str
    seen_on: date
    url: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


def dossier(
    lab_name: str,
    release: Release | None,
    model: Model | None,
    heard: Sequence[Heard],
    today: date,
    *,
    asked_for: str = "",
    others: Sequence[str] = (),
    quoted: Quoted | None = None,
    training: Training | None = None,
) -> Dossier:
    """All that is known up to `today`; one of `release` and `model` must be there.

    What ships with a source is believed before what a list said, and that in the order it came.
    `quoted` is what its lab asks today, as the ledger of prices has it; `training` what had been
    claimed of its training by then.
    """
    known = release if release is not None else model
    assert known is not None
    name = release.model if release is not None else model.name if model is not None else ""
    found: Found = {}
    if release is not None:
        _of_release(found, release, today)
    if model is not None:
        _of_model(found, model, today)
    if quoted is not None:
        _quoted(found, quoted)
    if training is not None:
        _training(found, training)
    for one in heard:
        _of_list(found, one)
    sources = [said.source for lines in found.values() for said in lines if said.source]
    sources += [one.source for one in heard]
    url = (release.url if release is not None else "") or next((h.url for h in heard if h.url), "")
    return Dossier(
        lab_name,
        name,
        known.released_on,
        {key: tuple(lines) for key, lines in found.items()},
        tuple(dict.fromkeys(sources)),
        url,
        asked_for,
        tuple(others),
        {"lab": known.lab},
    )


def _add(
    found: Found, name: str, text: str, source: str, short: str = "", at: date | None = None
) -> None:
    found.setdefault(name, []).append(Said(text, source, short, at))


def _of_release(found: Found, one: Release, today: date) -> None:
    _add(found, "released", day(one.released_on), one.source)
    for when, source in _other_dates(one.other_dates):
        if when <= today:  # a later one could not be known yet
            _add(found, "released", day(when), source)
    _add(found, "kind", one.kind, one.source)
    if one.open_weights is not None:
        _add(found, "weights", _OPEN[one.open_weights], one.source)


def _of_model(found: Found, one: Model, today: date) -> None:
    if "released" not in found:
        _add(found, "released", day(one.released_on), "the shipped list of models")
        _add(found, "kind", one.kind, "the shipped list of models")
    if one.reasoning:
        first = found["kind"][0]
        found["kind"][0] = Said(f"{first.text}, reasoning", first.source, "reasoning", first.as_of)
    if one.open_weights is not None and "weights" not in found:
        source = one.licence_source or one.parameters_source or "the shipped list of models"
        _add(found, "weights", _OPEN[one.open_weights], source)
    if one.licence:
        _add(found, "licence", one.licence, one.licence_source)
    if one.parameters is not None:
        active = f", {size(one.active)} of them active at a time" if one.active else ""
        _add(found, "parameters", size(one.parameters) + active, one.parameters_source,
             size(one.parameters))  # fmt: skip
    if one.context is not None:
        _context(found, one.context, one.context_source)
    if one.inputs or one.outputs:
        _modalities(found, one.inputs, one.outputs, one.modalities_source)
    past = [price for price in one.prices if price.since <= today]
    if past:
        _price(found, "launch", past[0])


def _training(found: Found, one: Training) -> None:
    """What is claimed of its training: the claim to believe first, then others of the whole."""
    for name, quantity in (("cost", Quantity.COST), ("compute", Quantity.COMPUTE)):
        best = one.best(quantity)
        others = [claim for claim in one.of(quantity) if claim is not best and not claim.partial]
        for claim in (best, *others):
            if claim is not None:
                text = f"{figure(claim)}, {claim.includes}"
                _add(found, name, text, _source(claim), _short(claim), claim.claimed_on)
    unknown = one.stated_unknown
    if unknown is not None:
        text = f"{UNKNOWN}; {unknown.includes}"
        _add(found, "cost", text, _source(unknown), UNKNOWN, unknown.claimed_on)


def _source(claim: Claim) -> str:
    return claim.claimed_by if estimated(claim) else claim.source.partition(", ")[0]


def _short(claim: Claim) -> str:
    """The figure as a column has room for: "$5.58M", "$294,000, in part", "3.3e24"."""
    assert claim.value is not None
    if claim.quantity is Quantity.COMPUTE:
        return f"{claim.value:.2g}".replace("e+", "e")
    return claimed_dollars(claim.value, 3) + (", in part" if claim.partial else "")


def _quoted(found: Found, quoted: Quoted) -> None:
    """What is asked today: the best source first, then those that have something else."""
    for rate in quoted.rates:
        entry, exit_ = rate.input_mtok, rate.output_mtok
        if entry is None or exit_ is None:
            continue
        text = asked({"input_mtok": entry, "output_mtok": exit_, "note": rate.note})
        short = _pair(float(entry), float(exit_))
        _add(found, "price", text, rate.source, short, rate.observed_at.date())
    launch = found.get("launch")
    if launch and found.get("price") and launch[0].short == found["price"][0].short:
        since = launch[0].text.rpartition(", from ")[2]
        found["launch"] = [Said(f"the same, from {since}", "", launch[0].short)]


def _price(found: Found, name: str, price: Price) -> None:
    text = asked(
        {"input_mtok": price.input_mtok, "output_mtok": price.output_mtok, "note": price.note}
    )
    if name == "launch":
        text += f", from {day(price.since)}"
    _add(found, name, text, price.source, _pair(price.input_mtok, price.output_mtok), price.as_of)


def _of_list(found: Found, one: Heard) -> None:
    """Figures of a structured source. What is no figure of the kind that is meant is left out."""
    given, source, at = one.given, one.source, one.seen_on
    context = given.get("context")
    if isinstance(context, int) and context > 0:
        _context(found, context, source, at)
    entry, exit_ = _figure(given.get("input_mtok")), _figure(given.get("output_mtok"))
    if entry is not None and exit_ is not None:
        text = asked({"input_mtok": entry, "output_mtok": exit_})
        for name in ("price", "launch") if not found.get("launch") else ("price",):
            _add(found, name, text, source, _pair(entry, exit_), at)
    if isinstance(given.get("licence"), str):
        _add(found, "licence", str(given["licence"]), source, at=at)
    if isinstance(given.get("open_weights"), bool):
        _add(found, "weights", _OPEN[given["open_weights"]], source, at=at)
    inputs, outputs = _words(given.get("inputs")), _words(given.get("outputs"))
    if inputs or outputs:
        _modalities(found, inputs, outputs, source, at)


def _figure(value: Any) -> float | None:
    """A price, where it is one."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e6:
        return None
    return float(value)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def _context(found: Found, context: int, source: str, at: date | None = None) -> None:
    _add(found, "context", f"{tokens(context)} tokens", source, tokens(context), at)


def _modalities(
    found: Found,
    inputs: Sequence[str],
    outputs: Sequence[str],
    source: str,
    at: date | None = None,
) -> None:
    takes = f"takes {listing(list(inputs))}" if inputs else ""
    gives = f"gives {listing(list(outputs))}" if outputs else ""
    text = ", ".join(part for part in (takes, gives) if part)
    _add(found, "modalities", text, source, _two(inputs or outputs), at)


def _two(words: Sequence[str]) -> str:
    """The first two, as a column has room for: "text+image…"."""
    return "+".join(words[:2]) + ("…" if len(words) > 2 else "")


def _pair(entry: float, exit_: float) -> str:
    return f"{dollars(entry)} / {dollars(exit_)}".replace("$", "")


def _other_dates(dates: str) -> list[tuple[date, str]]:
    """ "2024-12-20 (a); 2025-01-01 (b)" by date, each with its source."""
    parts = [part.partition(" ") for part in dates.split("; ") if part]
    return [(date.fromisoformat(when), source.strip("()")) for when, _, source in parts]
