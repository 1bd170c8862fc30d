"""Is an entry a model release? From its words, its source and its link alone. Pure.

Entries of structured sources are releases by construction, but for the cases in `listed`. For all
others a linear model weighs the features of `shape`; the classes of words with the most weight
give the reason. From `SURE` on an entry is posted; from `DOUBTFUL` on it waits for another source
that names the same model.
"""

from collections.abc import Container, Mapping
from datetime import datetime

from bot.model.feed import Entry, Feed, Judgement
from bot.releases.about import kind_of, lab_of, model_of, open_weights_of
from bot.releases.listed import judge_listed
from bot.releases.shape import Look, look
from bot.releases.weights import chance, log_odds, shipped_weights

SURE = 0.65
DOUBTFUL = 0.25

_OUT_SAYS = {
    "introducing": "is introduced by name",
    "launches": "is said to be out",
    "is_here": "is said to be here",
    "release": "is called a release",
    "new_model": "is called new",
    "model_word": "is called a model",
}
# Where these stand they say what an entry is, whatever else does.
_PLAIN_SIGNS = frozenset(("system_card", "repack", "case_study"))


def judge(
    entry: Entry,
    feed: Feed,
    labs: Container[str] = (),
    *,
    now: datetime | None = None,
    weights: Mapping[str, float] | None = None,
) -> Judgement:
    """Judge one entry of a feed. `labs` are the known keys; without any, all are let through.

    With `now`, a model that a structured source itself dates long before is no news.
    """
    if feed.kind.structured:
        return judge_listed(entry, feed, labs, now)
    if not entry.title.strip():
        return Judgement(False, 1.0, "junk: no title")
    used = shipped_weights() if weights is None else weights
    seen = look(entry, feed)
    likely = chance(log_odds(used, seen.features))
    release = likely >= 0.5
    confidence = round(likely if release else 1.0 - likely, 3)
    model = model_of(entry, seen) if release or seen.main is not None else ""
    reason, words = _why(seen, used, model) if release else _why_not(seen, used)
    return Judgement(
        release,
        confidence,
        reason,
        lab_of(entry, seen, labs),
        model,
        kind_of(entry, seen),
        open_weights_of(entry),
        words,
    )


def _why(seen: Look, weights: Mapping[str, float], model: str) -> tuple[str, tuple[str, ...]]:
    known = [(key, word) for key, word in seen.out if key in _OUT_SAYS]
    best = max(known, key=lambda found: _pull(f"out={found[0]}", seen, weights), default=None)
    words = tuple(part for part in (model, best[1] if best else "") if part)
    subject = f"“{model}”" if model else "a model"
    if best is not None and _pull(f"out={best[0]}", seen, weights) > 0:
        return f"release: {subject} {_OUT_SAYS[best[0]]}", words
    if seen.main is not None and seen.main.sort in {"versioned", "new", "bare", "kin", "presented"}:
        return f"release: {subject} is the whole of the headline's subject", words[:1]
    return "release: the words are those of a maker presenting a model", words


def _why_not(seen: Look, weights: Mapping[str, float]) -> tuple[str, tuple[str, ...]]:
    firm = seen.main is not None and seen.main.sort in {"versioned", "new", "bare", "kin"}
    rumour = next((word for key, word in seen.signs if key == "rumor"), "")
    if rumour and firm and seen.speaker.voice == "news":
        return f"rumor: “{rumour}”", (rumour,)
    for key, word in seen.signs:
        if key in _PLAIN_SIGNS:
            return f"{key}: “{word}”", (word,)
    if "list_of_topics" in seen.features and seen.speaker.voice == "news":
        return "digest: several topics in one headline", ()
    best = min(seen.signs, key=lambda found: _pull(f"sign={found[0]}", seen, weights), default=None)
    if best is not None:
        kind = best[0].split("/")[0]
        return f"{kind}: “{best[1]}”", (best[1],)
    if seen.main is None:
        return "other: no name of a model in it", ()
    if seen.main.sort == "word":
        return f"product_feature: “{seen.main.text}” without a version", (seen.main.text,)
    if seen.speaker.voice == "platform":
        return f"availability: {seen.main.text} on a platform", (seen.main.text,)
    if seen.speaker.voice == "news":
        return f"opinion: written about {seen.main.text}", (seen.main.text,)
    return f"other: {seen.main.text}, without the words of a release", (seen.main.text,)


def _pull(prefix: str, seen: Look, weights: Mapping[str, float]) -> float:
    return sum(
        weights.get(key, 0.0) * value
        for key, value in seen.features.items()
        if key == prefix or key.startswith(f"{prefix}:")
    )
