"""What was released shortly before a fall, and the study that a release is answered with. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.model.card import Card, Field, Line, LinesChart, Tone
from bot.model.wording import count, day, listing, percent, sentence, share

INDEX_NAME = "S&P 500"
BEFORE = "before"
LEAST_P = 0.001


def coincident_lines(beside: Mapping[str, Any] | None) -> list[str]:
    """ "Coincident: DeepSeek-R1, released 20 Jan 2025", and what else happened; [] for nothing.

    Where the channel has a message of its own on a release, its address follows.
    """
    if not beside:
        return []
    named, apart = [], []
    for one in beside["releases"]:
        text = f"{one['model']}, released {day(date.fromisoformat(one['released_on']))}"
        if one.get("link"):
            apart.append(f"Coincident: {text}: {one['link']}")
        else:
            named.append(text)
    plain = [f"Coincident: {'; '.join(named)}"] if named else []
    return [*apart, *plain, *rival_lines(beside["rivals"])]


def rival_lines(rivals: Mapping[str, Any]) -> list[str]:
    """What else may explain the day, in one line; [] where nothing is known."""
    parts = []
    for unsure in (False, True):
        reporting = [
            one["symbol"] for one in rivals["earnings"] if bool(one.get("estimated")) is unsure
        ]
        if reporting:
            sure = ", a day that is not sure" if unsure else ""
            parts.append(f"earnings of {listing(reporting)} that day{sure}")
    index = rivals["index"]
    if index is not None:
        parts.append(
            f"the whole market moved ({INDEX_NAME} {percent(index['move'])}, "
            f"usually within ±{share(2 * index['usual'])})"
        )
    parts += [f"{one['what']} ({day(date.fromisoformat(one['day']))})" for one in rivals["policy"]]
    return [f"Also then: {'; '.join(parts)}"] if parts else []


def study_title(facts: Mapping[str, Any]) -> str:
    """ "AI compute stocks −14.9% beyond the market since DeepSeek-R1"."""
    return (
        f"{sentence(facts['title'])} {percent(facts['car'])} beyond the market "
        f"since {facts['model']}"
    )


def study_card(facts: Mapping[str, Any]) -> Card:
    """How unusual the sessions after a release were: a sum of returns beyond the market's."""
    days = facts["days"]
    first, last = date.fromisoformat(days[0]["day"]), date.fromisoformat(days[-1]["day"])
    span = f"{count(len(days), 'session')}, {day(first)} to {day(last)}"
    lines = [meaning(facts), f"{span}: t {_number(facts['t'])}, p {_p(facts['p'])}"]
    if len(days) > 2:
        lines.append(_largest(days))
    lines.append("Coincident, not caused: whatever else happened in these days is in it too.")
    return Card(
        title=study_title(facts),
        text="\n".join(lines),
        chart=study_chart(facts),
        footer=_footer(facts),
        tone=Tone.DOWN if facts["car"] < 0 else Tone.UP,
        facts=facts,
    )


def meaning(facts: Mapping[str, Any]) -> str:
    """The study in a sentence for somebody who never took statistics."""
    placebo = facts.get("placebo")
    if placebo:
        rank = f"{1 - placebo['share']:.0%} of" if placebo["share"] >= 0.005 else "nearly all of"
        rank = rank if placebo["share"] else "all"
        larger = f"larger than in {rank} {placebo['n']:,} other such windows"
        return f"{'Unusual' if facts['unusual'] else 'Within what is usual'}: {larger}."
    often = (
        "less than 1 in 1,000"
        if facts["p"] < LEAST_P
        else f"about {facts['p'] * 100:.{0 if facts['p'] >= 0.02 else 1}f} in 100"
    )
    if facts["unusual"]:
        return f"Unusual: by chance alone, {often} such windows would lie this far out."
    return f"Within what is usual: by chance alone, {often} such windows lie this far out."


def _largest(days: Sequence[Mapping[str, Any]]) -> str:
    top = max(days, key=lambda one: abs(one["ar"]))
    on = day(date.fromisoformat(top["day"]))
    return f"The largest day was {on}: {percent(top['ar'])} beyond the market."


def _number(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _p(value: float) -> str:
    return f"under {LEAST_P}" if value < LEAST_P else f"{value:.3f}"


def study_fields(facts: Mapping[str, Any]) -> tuple[Field, ...]:
    """How a study came about, for whoever asks: the usual link, and each session's part."""
    fit, name = facts["fit"], facts["benchmark_name"]
    usual = (
        f"a line fitted over {count(fit['n'], 'session')}, {day(date.fromisoformat(fit['first']))} "
        f"to {day(date.fromisoformat(fit['last']))}: {fit['beta']:.2f} times the move of the "
        f"{name} {'+' if fit['alpha'] >= 0 else '−'} {abs(fit['alpha']):.3%} a day; "
        f"what is left over moves by {share(fit['sigma'])} on a usual day"
    )
    parts = [
        f"{day(date.fromisoformat(one['day']))}: {percent(one['ret'])}, {name} "
        f"{percent(one['market'])}, so {percent(one['ar'])} beyond it"
        for one in facts["days"]
    ]
    return (
        Field("Expected", usual.replace("-", "−")),
        Field("Sessions", "\n".join(parts)),
        Field("Told", f"because |t| is {abs(facts['t']):.2f}; more than 2 is taken as unusual")
        if facts["unusual"]
        else Field("Told", "because this channel asked for every study"),
    )


def study_chart(facts: Mapping[str, Any]) -> LinesChart:
    """The sum so far after each session, with what chance alone would spread about it, in %."""
    zero = date.fromisoformat(facts["zero"])
    days = [date.fromisoformat(one["day"]) for one in facts["days"]]
    values = [100 * one["car"] for one in facts["days"]]
    band = [(100 * one["low"], 100 * one["high"]) for one in facts["days"]]
    if facts.get(BEFORE):  # where the sum starts
        days.insert(0, date.fromisoformat(facts[BEFORE]))
        values.insert(0, 0.0)
        band.insert(0, (0.0, 0.0))
    line = Line(
        f"{sentence(facts['title'])}, with the range of 95% of chance",
        tuple(days),
        tuple(values),
        tuple(band),
    )
    return LinesChart(
        title=f"Beyond the market, summed up since {facts['model']}",
        lines=(line,),
        unit="%",
        log=False,
        alt=(
            f"{sentence(facts['title'])} against the {facts['benchmark_name']} since "
            f"{facts['model']}: {percent(facts['car'])} by {day(days[-1])}, with the range of 95% "
            "of chance about it"
        ),
        source=facts["source"],
        marks=((zero, "first session after"),),
    )


def _footer(facts: Mapping[str, Any]) -> str:
    fit = facts["fit"]
    text = (
        f"{facts['source']}, as of {day(date.fromisoformat(facts['day']))}; what is usual: "
        f"{fit['n']} sessions from {day(date.fromisoformat(fit['first']))} to "
        f"{day(date.fromisoformat(fit['last']))}, in which 1% of the {facts['benchmark_name']} "
        f"went with {fit['beta']:.2f}% of these"
    ).replace("-", "−")
    if facts["missing"]:
        text += f"; without {listing(list(facts['missing']))} (a close is missing)"
    return text
