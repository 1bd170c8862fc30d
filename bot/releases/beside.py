"""The figures that a release's message shows, and whose price stands beside its own. Pure.

All are JSON-ready; what is not known is None. A price is what holds on the day that is asked for:
what a source says later of that day is no news from the future, but its as-of is that day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.model.basket import Lab
from bot.releases.models import Model, Models, Price

_LONGEST_LICENCE = 60


@dataclass(frozen=True, slots=True)
class Given:
    """What a structured source gave with its entry: its title, the model it named, figures."""

    source: str
    model: str
    figures: Mapping[str, Any]


def figures(model: Model | None, day: date, given: Sequence[Given] = ()) -> dict[str, Any]:
    """What is known of a model on that day: what ships, else what sources gave with it."""
    found: dict[str, Any] = {
        "parameters": None, "active": None, "context": None, "licence": "", "reasoning": None,
        "price": None, "sources": [],
    }  # fmt: skip
    if model is not None:
        price = model.price_on(day)
        sources = [
            (model.parameters, model.parameters_source),
            (model.context, model.context_source),
            (model.licence, model.licence_source),
        ]
        found = {
            "parameters": model.parameters,
            "active": model.active,
            "context": model.context,
            "licence": model.licence,
            "reasoning": model.reasoning,
            "price": None if price is None else _price(price, day),
            "sources": list(dict.fromkeys(source for figure, source in sources if figure)),
        }
    for one in given:
        found = filled(found, one, day)
    return found


def filled(known: Mapping[str, Any], given: Given, day: date) -> dict[str, Any]:
    """The figures with what was not known before and is given now."""
    found = dict(known)
    for name in ("parameters", "active", "context", "licence", "reasoning"):
        value = _value(name, given.figures.get(name))
        if found.get(name) in (None, "") and value is not None:
            found[name] = value
            found["sources"] = list(dict.fromkeys([*found.get("sources", ()), given.source]))
    if not found.get("price") and _asks(given.figures):
        found["price"] = {
            "input_mtok": float(given.figures["input_mtok"]),
            "output_mtok": float(given.figures["output_mtok"]),
            "note": "",
            "source": given.source,
            "as_of": day.isoformat(),
        }
    return found


def _value(name: str, value: object) -> object:
    """A figure that was given, where it is one."""
    if name == "reasoning":
        return value if isinstance(value, bool) else None
    if name == "licence":
        return _licence(value) if isinstance(value, str) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _licence(tag: str) -> str | None:
    """A licence as people write it: "apache-2.0" → "Apache 2.0"; None where the tag names none."""
    if tag.lower() in ("", "other", "unknown") or len(tag) > _LONGEST_LICENCE:
        return None
    family, _, version = tag.partition("-")
    if family.lower() == "apache":
        return f"Apache {version}".strip()
    return tag.upper() if tag.lower() in ("mit", "bsd") or tag.lower().startswith("cc-") else tag


def _asks(given: Mapping[str, Any]) -> bool:
    """Whether a price was given; a free offer is no price that others compare with."""
    asked = [given.get("input_mtok"), given.get("output_mtok")]
    return all(isinstance(one, int | float) and one > 0 for one in asked)


def _price(price: Price, day: date) -> dict[str, Any]:
    return {
        "input_mtok": price.input_mtok,
        "output_mtok": price.output_mtok,
        "note": price.note,
        "source": price.source,
        "as_of": min(day, price.as_of).isoformat(),
    }


def beside(
    models: Models, labs: Mapping[str, Lab], lab: str, price: Mapping[str, Any] | None, day: date
) -> dict[str, Any] | None:
    """The price to compare with: of the other frontier labs' newest leading models the dearest.

    None where either price is not known.
    """
    if price is None:
        return None
    field = [
        (asked.output_mtok, asked.input_mtok, model.released_on, model, asked)
        for model, asked in models.leading(day, lab)
        if model.lab in labs and labs[model.lab].frontier
    ]
    if not field:
        return None
    *_order, model, asked = max(field, key=lambda one: one[:3])
    return {"lab_name": labs[model.lab].name, "model": model.name, **_price(asked, day)}
