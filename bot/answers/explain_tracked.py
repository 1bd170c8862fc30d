"""/alert explain of a release that was tracked, and of what was coincident with a fall."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cards.aftershock import coincident_lines, meaning, study_title
from bot.cycle.aftershocks import after_text, decided_of
from bot.model.card import Card, Field
from bot.model.wording import day, listing, moment
from bot.services import Request
from storage import receivers, tracked, trust
from storage.tracked import Tracked

MOST = 3
_APART = re.compile(r"[\W_]+")


async def explain_tracked(
    connection: AsyncConnection, request: Request, text: str, zone: str
) -> Card | None:
    """What was watched after the release of models that `text` names, newest first: the studies,
    or why there was none, and what this channel was told. None where none was tracked.
    """
    asked = _plain(text)
    every = await tracked.newest(connection, request.now)
    found = [one for one in every if asked and asked in _plain(" ".join(one.facts["models"]))]
    if not found:
        return None
    shown = found[:MOST]
    receiver = await receivers.find_receiver(
        connection, request.receiver.surface, request.receiver.address
    )
    fields = []
    for one in shown:
        decided: list[str] = []
        if receiver is not None:
            name = decided_of(one.key)
            steps = await trust.decisions(connection, [name], receiver.id)
            decided = [f"{moment(step.at, zone)}: {step.reason}" for step in reversed(steps)]
        fields.append(Field(f"After {one.facts['model']}", "\n".join([*_said(one), *decided])))
    return Card(
        title=f"{shown[0].facts['model']}: what was watched after its release",
        text="Coincident is not caused: a study says how unusual the days were, not why.",
        fields=tuple(fields),
        footer=f"Asked at {moment(request.now, zone)}",
        facts={"tracked": [_facts(one) for one in shown]},
    )


def _plain(text: str) -> str:
    return _APART.sub("", text.casefold())


def _said(one: Tracked) -> list[str]:
    who = f"{one.facts['lab_name']} released it on {day(one.released_on)}"
    span = f"{day(one.zero)} to {day(one.last)}"
    lines = [f"{who}; {listing(list(one.exposed))} and their baskets were watched, {span}"]
    for mark, study in sorted((one.studies or {}).items()):
        facts = study["facts"]
        what = study["why"] if facts is None else f"{study_title(facts)}. {meaning(facts)}"
        lines.append(f"{after_text(int(mark))}: {what}")
    if one.mark is not None and one.due_at is not None:
        lines.append(f"{after_text(one.mark)}: looked at from {moment(one.due_at)} on")
    return lines


def _facts(one: Tracked) -> dict[str, Any]:
    return {
        **one.facts,
        "key": one.key,
        "released_on": one.released_on.isoformat(),
        "session_0": one.zero.isoformat(),
        "last_session": one.last.isoformat(),
        "opened_at": one.opened_at.isoformat(),
        "exposed": list(one.exposed),
        "studies": dict(one.studies or {}),
        "due_at": None if one.due_at is None else one.due_at.isoformat(),
    }


def beside(sent: Sequence[Any]) -> list[Field]:
    """What the newest message of a story, of rows newest first, named as coincident."""
    for row in sent:
        said: Mapping[str, Any] | None = row.facts.get("coincident")
        if said:
            lines = coincident_lines(said)
            for one in said["releases"]:
                verb = "is" if len(one["exposed"]) == 1 else "are"
                first = day(date.fromisoformat(one["session_0"]))
                lines.append(
                    f"{one['model']}: {listing(one['exposed'])} {verb} exposed to "
                    f"{one['lab_name']}; first session {first}"
                )
            lines.append("Named because the fall came within six sessions; not as its cause.")
            return [Field("Beside it", "\n".join(lines))]
    return []
