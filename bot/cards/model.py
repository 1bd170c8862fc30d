"""What is known of models → a card of one, or a table of several. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.model.card import Card, Field, Table
from bot.model.wording import count, day, listing

UNKNOWN = "unknown"
MOST_OTHERS = 6
# What is said of a model, in this order, and what it is called in a column of several.
PROPERTIES: Mapping[str, tuple[str, str]] = {
    "released": ("Released", "released"),
    "kind": ("Kind", "kind"),
    "weights": ("Weights", "weights"),
    "licence": ("Licence", "licence"),
    "parameters": ("Parameters", "size"),
    "context": ("Context", "context"),
    "modalities": ("Takes and gives", "takes"),
    "price": ("Price now", "price now"),
    "launch": ("Price at launch", "at launch"),
    "cost": ("Cost of training", "training"),
    "compute": ("Compute of training", "compute"),
    "benchmarks": ("Benchmark claims", "claims"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says of a property: `text` in full, `short` for a table. `source` is "" for
    what the list of releases has; `as_of` is when the source was read, where that is known.
    """

    text: str
    source: str
    short: str = ""
    as_of: date | None = None

    @property
    def credited(self) -> str:
        """The text with its source."""
        if not self.source:
            return self.text
        when = f", as of {day(self.as_of)}" if self.as_of else ""
        return f"{self.text} ({self.source}{when})"


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of a model. `said` has, by property, what each source says, the one that
    is believed first. `others` are models that may have been meant as well.
    """

    lab: str
    name: str
    released_on: date
    said: Mapping[str, tuple[Said, ...]]
    sources: tuple[str, ...] = ()
    url: str = ""
    asked: str = ""
    others: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def first(self, name: str) -> Said | None:
        """What is believed of a property; None where nothing is known."""
        found = self.said.get(name, ())
        return found[0] if found else None

    def differing(self, name: str) -> tuple[Said, ...]:
        """What other sources say of a property, where it is not the same."""
        first, *rest = self.said.get(name) or (None,)
        return tuple(
            one for one in rest if one is not None and first is not None and one.text != first.text
        )


def model_card(one: Dossier) -> Card:
    """Everything that is known of one model; what is not known says so."""
    lines = _meant(one)
    disagree = [
        f"{PROPERTIES[name][0]}: {listing([said.credited for said in differing])}"
        for name in PROPERTIES
        if (differing := one.differing(name))
    ]
    if disagree:
        lines.append(f"Sources differ. {'; '.join(disagree)}.")
    if one.url:
        lines.append(one.url)
    fields = [Field("Lab", one.lab)]
    for name, (label, _short) in PROPERTIES.items():
        said = one.first(name)
        fields.append(Field(label, UNKNOWN if said is None else said.credited))
    return Card(
        title=_title(one),
        text="\n".join(lines),
        fields=tuple(fields),
        footer=_sources(one.sources),
        facts=_facts(one),
    )


def _title(one: Dossier) -> str:
    price, weights = one.first("price"), one.first("weights")
    parts = [one.lab, day(one.released_on)]
    if price is not None:
        parts.append(price.text.split(" per million")[0])
    elif weights is not None:
        parts.append(weights.text)
    return f"{one.name}: {', '.join(parts)}"


def _meant(one: Dossier) -> list[str]:
    """Which model is shown, where that was not said in full; and which others it might be."""
    lines = []
    if one.asked:
        newest = ": the newest that fits" if one.others else ""
        lines.append(f"Shown for “{one.asked}”{newest}.")
    if one.others:
        named = one.others[:MOST_OTHERS]
        left = len(one.others) - len(named)
        more = f" and {count(left, 'other')}" if left else ""
        said = ", ".join(named) if left else listing(list(named))
        lines.append(f"Also of that name: {said}{more}.")
    return lines


def models_card(found: Sequence[Dossier]) -> Card:
    """Several models side by side, a column each."""
    rows = []
    for name, (_label, short) in PROPERTIES.items():
        cells = [one.first(name) for one in found]
        if any(cell is not None for cell in cells):
            rows.append((short, *(_cell(cell) for cell in cells)))
    lines = [line for one in found for line in _named_meant(one)]
    unknown = [short for name, (_, short) in PROPERTIES.items() if not _known(found, name)]
    if unknown:
        lines.append(f"Unknown of all: {listing(unknown)}.")
    sources = list(dict.fromkeys(source for one in found for source in one.sources))
    return Card(
        title=f"{listing([one.name for one in found])} side by side",
        text="\n".join(lines),
        table=Table(
            ("", *(one.name for one in found)),
            tuple(rows),
            note=_prices_read(found),
        ),
        footer=_sources(sources),
        facts={"models": [_facts(one) for one in found]},
    )


def _prices_read(found: Sequence[Dossier]) -> str:
    """What the prices of the table are, and when they were read."""
    days: dict[date, list[str]] = {}
    for one in found:
        said = one.first("price")
        if said is not None and said.as_of is not None:
            days.setdefault(said.as_of, []).append(one.name)
    if len(days) == 1:
        read = f", read on {day(next(iter(days)))}"
    else:
        read = "".join(
            f"; of {listing(names)} read on {day(when)}" for when, names in sorted(days.items())
        )
    return f"Prices: dollars in / out per million tokens{read}. /model and one name says more"


def _sources(names: Sequence[str]) -> str:
    """Sources by name; a semicolon keeps those apart whose name has a comma."""
    joiner = "; " if any("," in name for name in names) else ", "
    return f"Sources: {joiner.join(names)}" if names else ""


def _cell(said: Said | None) -> str:
    return UNKNOWN if said is None else said.short or said.text


def _known(found: Sequence[Dossier], name: str) -> bool:
    return any(one.first(name) is not None for one in found)


def _named_meant(one: Dossier) -> list[str]:
    if not one.asked:
        return []
    named = listing(list(one.others[:MOST_OTHERS]))
    return [f"{one.name} for “{one.asked}”" + (f"; also of that name: {named}." if named else ".")]


def _facts(one: Dossier) -> dict[str, Any]:
    return {
        "model": one.name,
        "lab": one.facts.get("lab", one.lab),
        "released_on": one.released_on.isoformat(),
        "asked": one.asked or None,
        "others": list(one.others),
        "sources": list(one.sources),
        "url": one.url or None,
        "said": {
            name: [
                {
                    "text": said.text,
                    "source": said.source or None,
                    "as_of": said.as_of.isoformat() if said.as_of else None,
                }
                for said in one.said.get(name, ())
            ]
            for name in PROPERTIES
        },
        **one.facts,
    }
