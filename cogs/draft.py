"""What the set-up wizard is about to set, and what that changes. Pure: nothing is stored here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.model.rule import PPM, Condition
from storage.controls import Wishes
from storage.receivers import Subscription

FRONTIER = "frontier"
USUAL_LEVELS = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)


@dataclass(frozen=True, slots=True)
class Draft:
    """Baskets by target, levels in percent, labs by key (FRONTIER for all of them), and how.

    `quiet` is as people type it: "22:00-07:00" or "off".
    """

    baskets: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    labs: tuple[str, ...] = ()
    time_zone: str = "UTC"
    quiet: str = "off"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that finishing does: `kind` is "add", "levels", "remove", "tell", "end" or "how".

    `target` is a basket, a lab or ""; `number` the subscription that it is about, 0 for none.
    """

    kind: str
    target: str = ""
    number: int = 0


def quiet_text(wishes: Wishes) -> str:
    """Quiet hours as people type them."""
    start, end = wishes.quiet_from, wishes.quiet_to
    if start is None or end is None:
        return "off"
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def drawdowns(
    found: Iterable[Subscription], offered: Collection[str], window: str
) -> list[Subscription]:
    """The alerts that the wizard is about: falls of an offered basket below its usual peak."""
    return [
        item
        for item in found
        if item.rule is not None
        and item.rule.condition is Condition.DRAWDOWN
        and item.rule.measure == window
        and item.rule.target in offered
    ]


def lab_of(item: Subscription) -> str | None:
    """The lab whose models a subscription tells, FRONTIER for the usual ones; None where it is
    another kind, or one that the wizard cannot say (open weights only, several labs).
    """
    if item.kind != "releases":
        return None
    filters = {key: value for key, value in item.filters.items() if value and key != "study"}
    if not filters:
        return FRONTIER
    labs = filters.get("labs", [])
    return str(labs[0]) if set(filters) == {"labs"} and len(labs) == 1 else None


def draft_of(
    found: Sequence[Subscription],
    wishes: Wishes | None,
    offered: Collection[str],
    window: str,
    usual: Sequence[float],
) -> Draft:
    """What a channel has now; for one that has nothing yet, what is usually wanted."""
    zone = wishes.time_zone if wishes is not None else "UTC"
    quiet = quiet_text(wishes) if wishes is not None else "off"
    if not found:
        first = ("ai",) if "ai" in offered else tuple(offered)[:1]
        return Draft(first, tuple(usual), (FRONTIER,), zone, quiet)
    mine = drawdowns(found, offered, window)
    levels = tuple(usual)
    if mine and mine[0].rule is not None:
        levels = tuple(sorted(level * 100 / PPM for level in mine[0].rule.levels))
    labs = [lab for item in found if (lab := lab_of(item)) is not None]
    targets = [item.rule.target for item in mine if item.rule is not None]
    return Draft(tuple(dict.fromkeys(targets)), levels, tuple(dict.fromkeys(labs)), zone, quiet)


def plan(
    draft: Draft,
    before: Draft,
    found: Sequence[Subscription],
    wishes: Wishes | None,
    offered: Collection[str],
    window: str,
) -> list[Change]:
    """What finishing changes; what is there already is left alone.

    `before` is what the wizard found: levels that nobody touched are not imposed on other alerts,
    and what somebody else set up since then stays.
    """
    changes: list[Change] = []
    mine = drawdowns(found, offered, window)
    wanted = tuple(round(level * PPM / 100) for level in draft.levels)
    for target in draft.baskets:
        present = [item for item in mine if item.rule is not None and item.rule.target == target]
        if not present:
            changes.append(Change("add", target))
        elif draft.levels != before.levels and all(
            item.rule is not None and tuple(item.rule.levels) != wanted for item in present
        ):
            changes.append(Change("levels", target, present[0].id))
    dropped = set(before.baskets) - set(draft.baskets)
    changes += [
        Change("remove", item.rule.target, item.id)
        for item in mine
        if item.rule is not None and item.rule.target in dropped
    ]
    told = {lab: item.id for item in found if (lab := lab_of(item)) is not None}
    changes += [Change("tell", lab) for lab in draft.labs if lab not in told]
    ended = set(before.labs) - set(draft.labs)
    changes += [Change("end", lab, told[lab]) for lab in told if lab in ended]
    zone = wishes.time_zone if wishes is not None else "UTC"
    quiet = quiet_text(wishes) if wishes is not None else "off"
    how = (draft.time_zone, draft.quiet)
    if how not in ((zone, quiet), (before.time_zone, before.quiet)):
        changes.append(Change("how"))
    return changes


def figures(levels: Iterable[float]) -> str:
    """Levels as people type them: "5, 10, 12.5"."""
    return ", ".join(f"{level:g}" for level in levels)


def levels_offered(draft: Draft) -> list[float]:
    """The usual levels and those that are chosen, ascending."""
    return sorted({*USUAL_LEVELS, *draft.levels})[:25]
