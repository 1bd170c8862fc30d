"""What is known to differ between two models besides their price. Pure."""

from collections.abc import Callable
from typing import Any

from bot.cards.cost_workload import Priced
from bot.cards.release_words import tokens
from bot.model.card import Field
from bot.model.known import Model
from bot.model.wording import day, listing

_UNKNOWN = "unknown"
_REASONS = "Reasons before it answers"
_SHIPPED = "the shipped list of models"


def differences(before: Priced, after: Priced) -> tuple[list[Field], list[str]]:
    """What is known to differ besides the price, and who says so."""
    one, two = before.known, after.known
    told: list[tuple[str, Callable[[Model], str], Callable[[Model], str]]] = [
        ("Context window", _context, lambda m: m.context_source),
        ("Takes", lambda m: listing(m.inputs), lambda m: m.modalities_source),
        ("Gives", lambda m: listing(m.outputs), lambda m: m.modalities_source),
        ("Weights", _weights, lambda m: m.licence_source or m.parameters_source or _SHIPPED),
        (_REASONS, _reasons, lambda m: _SHIPPED),
        ("Released", lambda m: day(m.released_on), lambda m: _SHIPPED),
    ]
    fields, sources = [], []
    for name, text, source in told:
        mine, theirs = (text(m) if m is not None else "" for m in (one, two))
        if mine == theirs:
            continue
        value = f"{before.name}: {mine or _UNKNOWN}; {after.name}: {theirs or _UNKNOWN}"
        lost = _lost(one, two) if name == "Takes" else ""
        if lost:
            value += f". {after.name} takes no {lost}"
        if name == _REASONS and "yes" in (mine, theirs):
            value += ". Count its reasoning among the tokens out"
        fields.append(Field(name, value))
        sources += [source(m) for m, said in ((one, mine), (two, theirs)) if m is not None and said]
    return fields, [source for source in dict.fromkeys(sources) if source]


def _context(one: Model) -> str:
    return f"{tokens(one.context)} tokens" if one.context else ""


def _weights(one: Model) -> str:
    if one.open_weights is None:
        return ""
    licence = f" ({one.licence})" if one.licence else ""
    return ("open" if one.open_weights else "closed") + licence


def _reasons(one: Model) -> str:
    return "" if one.reasoning is None else "yes" if one.reasoning else "no"


def _lost(one: Model | None, two: Model | None) -> str:
    """What the first takes and the second does not, where both are known."""
    if one is None or two is None or not two.inputs:
        return ""
    return listing([what for what in one.inputs if what not in two.inputs], "or")


def known_facts(one: Model | None) -> dict[str, Any] | None:
    """The same, JSON-ready; None where nothing is known of the model."""
    if one is None:
        return None
    return {
        "context": one.context,
        "inputs": list(one.inputs),
        "outputs": list(one.outputs),
        "open_weights": one.open_weights,
        "licence": one.licence or None,
        "reasoning": one.reasoning,
        "released_on": one.released_on.isoformat(),
    }
