"""What is known of models: sizes, context, licence, prices, training; each figure with its source.

Figures only, from models.csv and model_prices.csv. What is not known is None or "".
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files

from bot.model.known import Model, Price

__all__ = ["Model", "Models", "Price", "load_models"]

_FOLDER = files("bot.shipped")
_OPEN = {"yes": True, "no": False}
# A snapshot's date, which people leave out: "claude-opus-4-20250514", "gpt-4o-2024-05-13".
_SNAPSHOT = re.compile(r"[-_ ](20\d{6}|20\d\d-\d\d-\d\d)$")
_REMARK = re.compile(r"\(.*?\)")


@dataclass(frozen=True)
class Models:
    """Every model that something is known of, in the order of release."""

    models: tuple[Model, ...]

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Model, ...]]:
        found: dict[str, list[Model]] = {}
        for model in self.models:
            for spelling in dict.fromkeys(_spellings(model)):
                found.setdefault(spelling, []).append(model)
        return {name: tuple(models) for name, models in found.items()}

    def named(self, lab: str, name: str) -> Model | None:
        """The model of that lab with this very name, however it is spelt."""
        return next((model for model in self.spelt(name) if model.lab == lab), None)

    def spelt(self, name: str) -> Iterator[Model]:
        """The models of any lab with this very name, however it is spelt."""
        for spelling in _readings(name):
            yield from self._by_name.get(spelling, ())

    def find(self, text: str) -> list[Model]:
        """The models that `text` may mean, the likeliest first: by name, then by its beginning,
        then by its words; of equals the newest first.
        """
        readings = list(_readings(text))
        for reading in readings:
            if reading in self._by_name:
                return sorted(self._by_name[reading], key=_newest)
        if not readings or len(readings[0]) < 2:
            return []
        wanted = re.compile(rf"{re.escape(_spaced(text))}(?![\d.])")
        began = [m for m in self.models if any(wanted.match(_spaced(n)) for n in _names(m))]
        if began:
            return sorted(began, key=_newest)
        words = [_plain(word) for word in text.split()]
        return sorted(
            (m for m in self.models if all(w and w in _plain(f"{m.lab} {m.name}") for w in words)),
            key=_newest,
        )

    def leading(self, day: date, without: str) -> Iterator[tuple[Model, Price]]:
        """Of each lab but `without`, the newest leading model of the year to `day` with its price
        of that day.
        """
        newest: dict[str, tuple[Model, Price]] = {}
        for model in self.models:
            price = model.price_on(day)
            recent = model.leads and model.released_on <= day and _year(model.released_on, day)
            if recent and price is not None and model.lab != without:
                newest[model.lab] = (model, price)
        yield from newest.values()


def _year(since: date, day: date) -> bool:
    return (day - since).days <= 366


def _newest(model: Model) -> tuple[int, str]:
    return -model.released_on.toordinal(), model.name


def _plain(text: str) -> str:
    """A spelling without what people vary: "GPT-4.1 mini" → "gpt41mini"."""
    return re.sub(r"[^\w]|_", "", text.lower().replace("+", "plus"))


def _spaced(text: str) -> str:
    """A spelling whose words stay apart: "Qwen3.8-Max" → "qwen3.8 max", which is no Qwen3."""
    return re.sub(r"[^\w.]+|_", " ", text.lower()).strip()


def _readings(text: str) -> Iterator[str]:
    """The spellings that a name may be known by: as it is, without remark, owner, snapshot."""
    bare = _REMARK.sub("", text).strip()
    last = bare.rsplit("/", 1)[-1]
    for reading in dict.fromkeys(
        _plain(form) for form in (text, bare, last, _SNAPSHOT.sub("", last))
    ):
        if reading:
            yield reading


def _names(model: Model) -> Iterator[str]:
    """What people call it: "R1" for DeepSeek-R1, "Opus 4.5" for Claude Opus 4.5."""
    for name in (model.name, *model.aliases):
        yield name
        first, _, rest = re.sub(r"[-_]", " ", name).partition(" ")
        if rest and first.lower() in (model.lab, "claude"):
            yield rest
    yield f"{model.lab} {model.name}"


def _spellings(model: Model) -> Iterator[str]:
    for name in _names(model):
        yield from _readings(name)


@cache
def load_models() -> Models:
    """Every shipped model with its prices."""
    prices: dict[tuple[str, str], list[Price]] = {}
    for row in _rows("model_prices.csv"):
        prices.setdefault((row["lab"], row["model"]), []).append(_price(row))
    models = [_model(row, prices) for row in _rows("models.csv")]
    return Models(tuple(sorted(models, key=lambda m: (m.released_on, m.lab, m.name))))


def _rows(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(_FOLDER.joinpath(name).read_text("utf-8").splitlines())


def _price(row: Mapping[str, str]) -> Price:
    return Price(
        since=date.fromisoformat(row["since"]),
        until=date.fromisoformat(row["until"]) if row["until"] else None,
        input_mtok=float(row["input_mtok"]),
        output_mtok=float(row["output_mtok"]),
        as_of=date.fromisoformat(row["as_of"]),
        source=row["source"],
        note=row["note"],
    )


def _model(row: Mapping[str, str], prices: Mapping[tuple[str, str], Sequence[Price]]) -> Model:
    found = sorted(prices.get((row["lab"], row["name"]), ()), key=lambda price: price.since)
    return Model(
        lab=row["lab"],
        name=row["name"],
        aliases=_several(row["aliases"], "|"),
        released_on=date.fromisoformat(row["released_on"]),
        kind=row["kind"],
        leads=row["leads"] == "yes",
        reasoning=_OPEN.get(row["reasoning"]),
        open_weights=_OPEN.get(row["open_weights"]),
        licence=row["licence"],
        licence_source=row["licence_source"],
        parameters=_count(row["parameters"]),
        active=_count(row["active"]),
        parameters_source=row["parameters_source"],
        context=_count(row["context"]),
        context_source=row["context_source"],
        inputs=_several(row["inputs"], "+"),
        outputs=_several(row["outputs"], "+"),
        modalities_source=row["modalities_source"],
        compute_flop=float(row["compute_flop"]) if row["compute_flop"] else None,
        compute_source=row["compute_source"],
        cost_usd=_count(row["cost_usd"]),
        cost_what=row["cost_what"],
        cost_source=row["cost_source"],
        prices=tuple(found),
    )


def _several(text: str, by: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(by) if part)


def _count(text: str) -> int | None:
    return int(text) if text else None
