"""Facts of a notification → the card that says them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.cards.aftershock import coincident_lines, study_card
from bot.cards.conditions import condition_text
from bot.cards.marks import mark_lines
from bot.cards.passed import has_passed, reached_text
from bot.cards.price_news import digest_lines, price_card
from bot.cards.release import burst_card, release_card
from bot.model.card import Card, Field, Table, Tone, UnderwaterChart
from bot.model.symbol import is_symbol
from bot.model.wording import (
    count,
    day,
    level,
    listing,
    moment,
    percent,
    price,
    sentence,
    share,
    weekday,
)

ROWS = 10
UNKNOWN = "unknown"


def card_of(facts: Mapping[str, Any], chart: UnderwaterChart | None = None) -> Card:
    """The card of a notification; `chart` is drawn from the same bars that the facts are."""
    # A digest is of many days; a release and a summary say their own moments.
    dated = "target" in facts and facts["kind"] != "digest"
    at = datetime.fromisoformat(facts["as_of"]) if dated else None
    return replace(
        _card(facts, chart),
        mention=str(facts.get("mention") or ""),
        at=at,
        marks=mark_lines(facts.get("marks") or ()),
    )


def _card(facts: Mapping[str, Any], chart: UnderwaterChart | None) -> Card:
    if facts["kind"] == "note":
        return Card(title=facts["title"], text=facts["text"], facts=facts)
    if facts["kind"] == "release":
        return release_card(facts)
    if facts["kind"] == "prices":
        return price_card(facts)
    if facts["kind"] == "study":
        return study_card(facts)
    if facts["kind"] == "burst":
        return burst_card(facts)
    if facts["kind"] == "recovery":
        return recovery_card(facts, chart)
    if facts["kind"] == "digest":
        return digest_card(facts, chart)
    if facts["kind"] == "summary":
        return summary_card(facts)
    if facts["kind"] == "condition":
        return condition_card(facts, chart)
    return drawdown_card(facts, chart)


def condition_card(facts: Mapping[str, Any], chart: UnderwaterChart | None) -> Card:
    """A target met a condition other than a drawdown."""
    condition = facts["condition"]
    up = condition in ("above", "high", "pe-above") or (
        condition == "move" and (facts["value"] or 0) > 0
    )
    neutral = condition in ("crowding", "volatility")
    lines = [_when(facts), f"{share(facts['depth'])} below the peak of a year"]
    if facts["depth"] == 0:
        lines[1] = "At the peak of a year"
    lines += [context_line(facts["context"]), *facts.get("also", ())]
    return Card(
        title=reached_text(facts) if has_passed(facts) else condition_text(facts),
        badge="still so" if facts.get("repeated") else "",
        text="\n".join(line for line in lines if line),
        table=members_table(facts["members"]),
        chart=chart,
        footer=footer(facts),
        tone=Tone.NEUTRAL if neutral else Tone.UP if up else Tone.DOWN,
        facts=facts,
    )


def digest_card(facts: Mapping[str, Any], chart: UnderwaterChart | None) -> Card:
    """A day or a week of a basket: its table, what is under way, what was released."""
    first, last = facts["span_from"], facts["day"]
    moves = [m for m in facts["members"] if m["span_move"] is not None]
    ranked = sorted(moves, key=lambda m: m["span_move"])
    lines = [headline(facts)]
    if facts["span_move"] is not None:
        lines[0] += f"; {percent(facts['span_move'])} since {day(date.fromisoformat(first))}"
    fields = []
    up = [m for m in reversed(ranked) if m["span_move"] > 0]
    down = [m for m in ranked if m["span_move"] < 0]
    for name, some in (("Most up", up), ("Most down", down)):
        if some:
            moved = [f"{m['symbol']} {percent(m['span_move'])}" for m in some[:3]]
            fields.append(Field(name, ", ".join(moved)))
    stories = [under_way(one) for one in facts["under_way"]]
    fields.append(Field("Under way", "\n".join(stories) or "nothing that this channel follows"))
    fields.append(Field("Released", "\n".join(facts["released"]) or "nothing notable"))
    if facts.get("token_prices"):
        fields.append(Field("Token prices", "\n".join(digest_lines(facts["token_prices"]))))
    return Card(
        title=f"{facts['period']} digest of {facts['title']}, {day(date.fromisoformat(last))}",
        text="\n".join([*lines, context_line(facts["context"])]).strip(),
        fields=tuple(fields),
        table=members_table(facts["members"], week=facts["period"] == "Weekly"),
        chart=chart,
        footer=footer(facts),
        tone=Tone.DOWN if (facts["span_move"] or 0) < 0 else Tone.UP,
        facts=facts,
    )


def under_way(one: Mapping[str, Any] | str) -> str:
    """A story that is open: "NVDA, 12.1% below its peak, since 4 Mar 2025".

    A row of an older version has it in words already.
    """
    if isinstance(one, str):
        return one
    since = f"since {day(date.fromisoformat(one['since']))}"
    if one.get("depth") is None:
        return f"{one['title']}, {since}"
    whose = "its" if is_symbol(one["title"]) else "their"
    depth = f"{share(one['depth'])} below {whose} peak" if one["depth"] < 0 else f"at {whose} peak"
    return f"{one['title']}, {depth}, {since}"


def summary_card(facts: Mapping[str, Any]) -> Card:
    """What was held back, in the order in which it happened."""
    lines = facts["lines"]
    shown = [f"{moment(datetime.fromisoformat(line['at']))}: {line['text']}" for line in lines[:20]]
    if len(lines) > 20:
        shown.append(f"… and {len(lines) - 20} more; /alert explain SYMBOL tells of each")
    why = {
        "quiet hours": "during the quiet hours",
        "hourly cap": "because there were too many within an hour",
    }.get(facts["held_by"], "during a silence")
    return Card(
        title=f"{count(len(lines), 'message')} held back {why}",
        text="\n".join(shown),
        footer=f"Figures as of {moment(datetime.fromisoformat(facts['as_of']))}",
        facts=facts,
    )


def drawdown_card(facts: Mapping[str, Any], chart: UnderwaterChart | None) -> Card:
    """A target fell to a level."""
    lines = [_when(facts)]
    if not facts["basket"]:
        lines.append(
            f"{price(facts['last'])}, after a peak of {price(facts['peak'])} "
            f"on {day(date.fromisoformat(facts['peak_day']))}"
        )
    lines += filter(None, [context_line(facts["context"]), *facts.get("also", ())])
    lines += coincident_lines(facts.get("coincident"))
    verb = "still beyond" if facts.get("repeated") else "crossed"
    return Card(
        title=headline(facts),
        badge=_badge(facts, verb),
        text="\n".join(lines),
        table=members_table(facts["members"]),
        chart=chart,
        footer=footer(facts),
        tone=Tone.DOWN,
        facts=facts,
    )


def recovery_card(facts: Mapping[str, Any], chart: UnderwaterChart | None) -> Card:
    """What a story's first message becomes once its target has recovered."""
    first = facts["first"]
    verb = "have" if facts["basket"] else "has"
    trough = date.fromisoformat(facts["trough_day"])
    state = "at a new peak" if facts["depth"] == 0 else f"{share(facts['depth'])} below the peak"
    return Card(
        title=f"{sentence(facts['title'])} {verb} recovered",
        badge=f"from {level(first['level'])}",
        text=(
            f"{weekday(date.fromisoformat(facts['day']))}, at the close: {state}\n"
            f"At the deepest {share(facts['trough_depth'])} below it, on {day(trough)}; "
            f"first told on {day(date.fromisoformat(first['day']))}"
        ),
        chart=chart,
        footer=footer({**facts, "members": []}),
        tone=Tone.UP,
        facts=facts,
    )


def headline(facts: Mapping[str, Any]) -> str:
    """The figure first: "AI stocks are 13.7% below their peak"."""
    verb, whose = ("are", "their") if facts["basket"] else ("is", "its")
    title = sentence(facts["title"])
    if facts["depth"] == 0:
        return f"{title} {verb} at {whose} peak"
    return f"{title} {verb} {share(facts['depth'])} below {whose} peak"


def _when(facts: Mapping[str, Any]) -> str:
    text = f"{weekday(date.fromisoformat(facts['day']))}, at the close"
    if not facts.get("final", True):
        at = datetime.fromisoformat(facts["as_of"])
        text = f"{weekday(date.fromisoformat(facts['day']))}, {at:%H:%M} UTC, during the session"
    if facts["move"] is not None:
        text += f" · {percent(facts['move'])} on the day"
    return text


def members_table(
    members: Sequence[Mapping[str, Any]], rows: int = ROWS, *, week: bool = False
) -> Table | None:
    """The members of a basket, the largest falls first; the rest in a line.

    With `week` their moves of the week (`span_move`) stand beside those of the day, and order them.
    """
    if not members:
        return None
    by, past = ("span_move", "in the week") if week else ("move", "on the day")
    known = sorted(members, key=lambda m: (m[by] is None, m[by] or 0.0, m["symbol"]))
    shown, rest = known[:rows], known[rows:]
    note = ""
    if rest:
        note = f"… {len(rest)} more"
        up = [m for m in reversed(rest) if m[by] is not None and m[by] > 0]
        if up:
            note += f"; up {past}: " + ", ".join(f"{m['symbol']} {percent(m[by])}" for m in up[:4])
            if len(up) > 4:
                note += f" and {len(up) - 4} more"
    moves = ("week", "day") if week else ("day",)
    columns = ("", "last", *moves, "from peak")
    return Table(
        columns=columns,
        rows=tuple(_member_row(member, week) for member in shown),
        numeric=frozenset(range(1, len(columns))),
        note=note,
    )


def _member_row(member: Mapping[str, Any], week: bool) -> tuple[str, ...]:
    mark = "*" if member.get("dividend_adjusted") else ""
    moves = (member["span_move"], member["move"]) if week else (member["move"],)
    return (
        member["symbol"] + mark,
        price(member["last"]),
        *(UNKNOWN if move is None else percent(move) for move in moves),
        percent(member["depth"]),
    )


def context_line(context: Sequence[Mapping[str, Any]]) -> str:
    """What the whole market did that day: "S&P 500 −1.5%, VIX 17.90"."""
    parts = []
    for item in context:
        if item["symbol"] == "^VIX":
            parts.append(f"VIX {price(item['last'])}")
        elif item["move"] is not None:
            parts.append(f"S&P 500 {percent(item['move'])}")
    return ", ".join(parts)


def footer(facts: Mapping[str, Any]) -> str:
    """Source and as-of, and what a reader should know of the figures."""
    text = f"{facts['source']}, as of {day(date.fromisoformat(facts['day']))}"
    if not facts.get("final", True):
        at = moment(datetime.fromisoformat(facts["as_of"]))
        text = f"{facts['source'].partition(',')[0]}, price of {at}"
    adjusted = [m["symbol"] for m in facts["members"] if m.get("dividend_adjusted")]
    if facts.get("dividend_adjusted"):
        text += "; closes adjusted for dividends"
    elif adjusted:
        text += "; * adjusted for dividends"
    if facts["missing"]:
        text += f"; without {listing(list(facts['missing']))} (no price that day)"
    return text


def _badge(facts: Mapping[str, Any], verb: str) -> str:
    text = f"{'reached' if has_passed(facts) else verb} {level(facts['level'])}"
    crossed = facts.get("crossed_on", facts["day"])
    dated = has_passed(facts) or (crossed != facts["day"] and not facts.get("repeated"))
    return f"{text} on {day(date.fromisoformat(crossed))}" if dated else text
