"""How prices read, in messages and in facts. Pure. Dollars per million tokens."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from bot.costs.compare import differing
from bot.model.basket import Lab
from bot.model.rate import Figure, Meter, Quoted, Rate, Terms
from bot.model.wording import clock_hours, day, listing, sentence

UNKNOWN = "unknown"
MOST_SOURCES = 4
_SELLERS = {
    "amazon-bedrock": "Amazon Bedrock",
    "aws": "Amazon Bedrock",
    "azure": "Azure",
    "cloudflare": "Cloudflare",
    "cloudflare-workers-ai": "Cloudflare",
    "deepinfra": "DeepInfra",
    "elevenlabs": "ElevenLabs",
    "fireworks-ai": "Fireworks",
    "github-copilot": "GitHub Copilot",
    "google-vertex": "Google Vertex",
    "huggingface": "Hugging Face",
    "novita-ai": "Novita",
    "nscale": "Nscale",
    "openai-decisions": "OpenAI Decisions",
    "openrouter": "OpenRouter",
    "ovhcloud": "OVHcloud",
    "publicai": "Public AI",
    "quicksilverpro": "QuickSilver Pro",
    "sambanova": "SambaNova",
    "siliconflow": "SiliconFlow",
    "together": "Together AI",
    "togetherai": "Together AI",
    "typesafe": "TypeSafe",
    "voyageai": "Voyage AI",
    "zhipuai": "Zhipu AI",
}


def seller(provider: str, labs: Mapping[str, Lab]) -> str:
    """What a provider is called."""
    if provider in labs:
        return labs[provider].name
    through, _, behind = provider.partition("_")
    if through == "huggingface" and behind:
        return f"Hugging Face ({seller(behind, labs)})"
    spelled = " ".join(word[:1].upper() + word[1:] for word in re.split(r"[-_ ]+", provider))
    return _SELLERS.get(provider, spelled)


def money(price: Decimal) -> str:
    """A price in a sentence: 15 → "$15", 2.5 → "$2.50", 0.003625 → "$0.003625"."""
    return f"${price:,.0f}" if price == int(price) else f"${cell(price)}"


def cell(price: Decimal | None) -> str:
    """A price in a column: 15 → "15.00", 0.435 → "0.435"; "unknown" where it is."""
    if price is None:
        return UNKNOWN
    exact = f"{price:,.6f}".rstrip("0")
    return exact if len(exact.partition(".")[2]) > 2 else f"{price:,.2f}"


def rounded(price: Decimal | None) -> str:
    """A blend in a column, to the cent or three figures: 0.175 → "0.18", 0.0123 → "0.0123"."""
    if price is None:
        return UNKNOWN
    return f"{price:,.2f}" if price >= Decimal("0.1") or not price else f"{float(price):.3g}"


def asked(rate: Rate) -> str:
    """ "$0.14 in, $0.28 out"; what is not known says so."""
    parts = []
    for price, word in ((rate.input_mtok, "in"), (rate.output_mtok, "out")):
        parts.append(f"{word} {UNKNOWN}" if price is None else f"{money(price)} {word}")
    return ", ".join(parts)


def spread(figure: Figure) -> str:
    """ "$0.14", or with the range where sources differ: "$0.14 ($0.14 to $0.27)"."""
    if figure.low == figure.high:
        return money(figure.value)
    return f"{money(figure.value)} ({money(figure.low)} to {money(figure.high)})"


def times(ratio: Decimal) -> str:
    """How many times a price is another: "25 times", "1.4 times"."""
    text = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}".removesuffix(".0")
    return f"{text} times"


def when(moment: datetime) -> str:
    """A moment of a price: "8 Feb 2025, 16:00 UTC", the day alone where it is its first moment."""
    first = moment.time() == time()
    return day(moment.date()) if first else f"{day(moment.date())}, {moment:%H:%M} UTC"


def is_promotion(rate: Rate) -> bool:
    """Whether a rate was offered for a time that was told beforehand."""
    return rate.until is not None and "promotion" in rate.note.lower()


def promotion(rate: Rate, then: Quoted | None) -> str:
    """ "a promotion to 8 Feb 2025, 16:00 UTC, then $0.27 in, $1.10 out"."""
    assert rate.until is not None
    after = f", then {asked(then.best)}" if then is not None else ""
    return f"a promotion to {when(rate.until)}{after}"


def terms_label(terms: Terms) -> str:
    """What holds beside the usual terms, in a few words: "Peak hours", "Batch"."""
    parts = []
    if terms.batch:
        parts.append("batch")
    if terms.over:
        parts.append(f"requests of {beyond(terms.over, 'tokens')}")
    if terms.clock:
        parts.append(f"{terms.clock} hours")
    return sentence(", ".join(parts))


def terms_text(terms: Terms) -> str:
    """When or for what they hold: "16:30–00:30 UTC, Monday to Friday"; "" where that is all."""
    parts = []
    if terms.hours:
        parts.append(f"{listing([clock_hours(*one) for one in terms.hours])} UTC")
    if terms.weekdays:
        parts.append("Monday to Friday")
    if terms.over:
        parts.append("for the whole of such a request")
    if terms.batch:
        parts.append("for requests that may wait")
    return ", ".join(parts)


def differ_text(quoted: Quoted, on: date) -> str:
    """What other sources have: "genai-prices has $0.27 in, $1.10 out"; "" where all agree."""
    by_price: dict[tuple[str, bool], list[str]] = {}
    for rate in differing(quoted):
        undated = bool(undated_text(rate, on))
        by_price.setdefault((asked(rate), undated), []).append(rate.source)
    return "; ".join(
        f"{listing(names)} {'has' if len(names) == 1 else 'have'} {price}"
        + (", without saying since when" if undated else "")
        for (price, undated), names in by_price.items()
    )


def undated_text(rate: Rate, on: date) -> str:
    """That a source does not say since when, where it was read after the day; "" elsewhere."""
    if rate.since is not None or rate.observed_at.date() <= on:
        return ""
    return (
        f"{rate.source}, read on {day(rate.observed_at.date())}, does not say since when; "
        f"on {day(on)} it may have been another."
    )


def named(source: str) -> list[str]:
    """The sources that a rate's own names: "litellm 1.59.8, api-docs.deepseek.com" are two. Of
    which snapshot a price is ("…, for the snapshot of 6 Aug 2024") is no other source.
    """
    return [name for name in source.split(", ") if not name.startswith("for ")]


def read_from(quotes: Iterable[Quoted]) -> str:
    """The footer: every source once, by the day on which it was last read, as they are met."""
    days: dict[str, datetime] = {}
    for quoted in quotes:
        for rate in quoted.rates:
            for source in named(rate.source):
                days[source] = max(days.get(source, rate.observed_at), rate.observed_at)
    by_day: dict[str, list[str]] = {}
    for source, read in days.items():
        by_day.setdefault(day(read.date()), []).append(source)
    told = [f"{listing(sources)} (read {read})" for read, sources in by_day.items()]
    if not told:
        return ""
    return f"Prices in US dollars. {'Source' if len(days) == 1 else 'Sources'}: {'; '.join(told)}"


def sources_in_short(quotes: Iterable[Quoted]) -> str:
    """Sources as a picture has room for them: "Sources: litellm 1.59.8, genai-prices 0.2.3"."""
    rates = (rate for quoted in quotes for rate in quoted.rates)
    names = list(dict.fromkeys(name for rate in rates for name in named(rate.source)))
    left = len(names) - MOST_SOURCES
    text = ", ".join(names[:MOST_SOURCES]) + (f" and {left} more" if left > 0 else "")
    return f"{'Source' if len(names) == 1 else 'Sources'}: {text}"


def price_facts(quoted: Quoted) -> dict[str, Any]:
    """A quote, JSON-ready."""
    best = quoted.best
    return {
        "provider": best.provider,
        "input_mtok": figure_facts(quoted.figure(Meter.INPUT)),
        "cached_mtok": figure_facts(quoted.figure(Meter.CACHED)),
        "output_mtok": figure_facts(quoted.figure(Meter.OUTPUT)),
        "since": _iso(best.since),
        "observed_at": _iso(best.observed_at),
        "promotion_until": _iso(best.until) if is_promotion(best) else None,
        "note": best.note or None,
    }


def figure_facts(figure: Figure | None) -> dict[str, Any] | None:
    """A price with its range and sources, JSON-ready; None where it is not known."""
    return None if figure is None else figure.facts


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def beyond(over: int, what: str) -> str:
    """A bound on tokens, in round figures: "over 200K tokens", "200K tokens or more"."""
    if (over + 1) % 1000 == 0:
        return f"{_thousands(over + 1)} {what} or more"
    return f"over {_thousands(over)} {what}"


def _thousands(tokens: int) -> str:
    return f"{tokens // 1000}K" if tokens % 1000 == 0 and tokens else f"{tokens:,}"
