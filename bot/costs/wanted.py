"""Is a price event of the kind that a subscription asks for? Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.basket import Lab
from bot.model.price_event import EventKind
from bot.model.wording import listing

# What holds where a subscription's filters do not say.
PERCENT, NEWCOMER = 10, 25
Identity = tuple[tuple[str, ...] | int | None, ...]


def wanted(event: Mapping[str, Any], labs: Mapping[str, Lab], filters: Mapping[str, Any]) -> bool:
    """Whether `filters` let an event through, which is given by its facts.

    Keys: `models` (each [lab, name]) and `labs`: any of either will do; with neither, labs at the
    frontier. `percent` is the least move of a cut or rise, `newcomer` the share of the cheapest
    leading model's price that a new model must be under, `parting` the least difference between
    sources, without which none is told; all in percent.
    """
    models, chosen = filters.get("models") or (), filters.get("labs") or ()
    if models or chosen:
        if [event["lab"], event["model"]] not in models and event["lab"] not in chosen:
            return False
    elif event["lab"] not in labs or not labs[event["lab"]].frontier:
        return False
    percent = 100 * float(event["ratio"])
    match event["kind"]:
        case EventKind.CUT | EventKind.RISE:
            # Half a unit of the last place: 20% that is stored as 19.9999 counts as 20.
            return abs(percent) + 1e-9 >= int(filters.get("percent") or PERCENT)
        case EventKind.NEWCOMER:
            return percent < int(filters.get("newcomer") or NEWCOMER)
        case EventKind.PARTING:
            return bool(filters.get("parting")) and percent > int(filters["parting"])
    return True


def identity(filters: Mapping[str, Any]) -> Identity:
    """What tells filters apart: equal where the same events pass, however they were written."""
    return (
        tuple(sorted("/".join(one) for one in filters.get("models") or ())),
        tuple(sorted(filters.get("labs") or ())),
        int(filters.get("percent") or PERCENT),
        int(filters.get("newcomer") or NEWCOMER),
        filters.get("parting"),
    )


def wanted_text(filters: Mapping[str, Any], labs: Mapping[str, Lab]) -> str:
    """What `filters` let through: "token prices of frontier labs that move by 10% or more, …"."""
    percent = int(filters.get("percent") or PERCENT)
    newcomer = int(filters.get("newcomer") or NEWCOMER)
    parts = [
        f"token prices {_whose(filters, labs)} that move by {percent}% or more",
        "a new cheapest model",
    ]
    if filters.get("labs") or not filters.get("models"):
        parts.append(f"new models at under {newcomer}% of the cheapest leading one's price")
    if filters.get("parting"):
        parts.append(f"sources that differ by more than {filters['parting']}%")
    return listing(parts)


def _whose(filters: Mapping[str, Any], labs: Mapping[str, Lab]) -> str:
    models: Sequence[Sequence[str]] = filters.get("models") or ()
    names = [labs[key].name if key in labs else key for key in filters.get("labs") or ()]
    names += [name for _, name in models]
    return f"of {listing(names)}" if names else "of frontier labs"
