"""What an entry looks like, as features that a linear model can weigh. Pure.

Nothing here knows a title: the features are the classes of its words, the grammar around the name
of a model, who speaks, and single words or pairs of them with every name, lab and number replaced.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from bot.model.feed import Entry, Feed, Voice
from bot.releases.families import FAMILIES
from bot.releases.speaker import Speaker, speaker_of
from bot.releases.spelling import Word, plain, words_of
from bot.releases.spot import Families, Name, lab_at, names_in, presented
from bot.releases.words import OUT_PATTERNS, SAID_PATTERNS, SIGN_PATTERNS

_RANK = {"versioned": 0, "new": 1, "bare": 2, "kin": 3, "word": 4, "camel": 5, "thing": 6}
# A name after one of these is what a model is compared with, or what something is made with.
_BESIDE = re.compile(
    r"(?:\b(?:than|vs|versus|rivals?|rival to|beats?|beating|comparable to|outperforms?|"
    r"surpass(?:es)?|against|like|matches|over|with|using|via|by|on|how|of)|"
    r"openai|at deepseek with)$"
)
# A sentence has begun before the name.
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|has|have|can|will|you|we|i|these|this|those|helped|using|built|uses?|"
    r"building|advancing|exploring|early|coding)\b"
)
_PRODUCT_AFTER = re.compile(
    r"^(?:app|apps|api|apis|cli|sdk|agents?|assistant|plans?|team|enterprise|business|edu|code|studio|"
    r"for|in|on|at|as|is|now|can|has|gets|goes|to|by|from|and|with|users?|customers?|subscribers?|"
    r"pricing|skills?|mode|browser|extensions?|platform|collections|voice agent|tools?|program|"
    r"startup|everywhere|vendor|founder)\b"
)


# Somebody makes a model available, and its name comes next: "releases its new flagship model X".
_TOLD_OUT = re.compile(
    r"\b(?:launch(?:es|ed)?|release[sd]?|unveil(?:s|ed)?|introduce[sd]|debut(?:s|ed)?|announce[sd]|"
    r"open[- ]?source[sd]|drop(?:s|ped)|ships|shipped)"
    r"(?: (?:its|the|an?|new|newest|latest|first|next|next-gen|most|smartest|powerful|capable|"
    r"advanced|open|open-source|open-weights?|open-weight|flagship|reasoning|coding|small|ai|models?|"
    r"family|series|of)){0,6}$"
)

_PLACES = frozenset(f"z{sort}" for sort in (*_RANK, "presented", "lab"))
# Labs of one house.
_OWNERS = {"windsurf": "cognition"}


@dataclass(frozen=True, slots=True)
class Look:
    """An entry taken apart: its words, the names in it, the one it is about, who speaks."""

    title: str
    words: tuple[Word, ...]
    names: tuple[Name, ...]
    main: Name | None
    speaker: Speaker
    signs: tuple[tuple[str, str], ...]
    out: tuple[tuple[str, str], ...]
    features: dict[str, float]


def main_name(words: tuple[Word, ...], names: tuple[Name, ...]) -> Name | None:
    """The name that a title is about: the firmest one that is not merely compared with."""

    def order(name: Name) -> tuple[int, int, int]:
        before = " ".join(word.text for word in words[: name.start]).lower()
        beside = bool(name.start and _BESIDE.search(before) and "introducing" not in before)
        return (beside and len(names) > 1, _RANK[name.sort], name.start)

    return min(names, key=order, default=None)


def _masked(words: tuple[Word, ...], names: tuple[Name, ...]) -> list[str]:
    starts = {name.start: name for name in names}
    found = ["<"]
    index = 0
    while index < len(words):
        if index in starts:
            name = starts[index]
            found.append(f"z{name.sort}")
            index = name.end
            mark = words[index - 1].after
        else:
            lab, size = lab_at(words, index)
            if lab:
                found.append("zlab")
                index += size
            else:
                text = words[index].text.lower()
                if text:
                    found.append(re.sub(r"\d+", "0", text))
                index += 1
            mark = words[index - 1].after
        if mark[:1] in {":", "!", "?", ",", "."} and (mark[:1] != "." or index < len(words)):
            found.append(mark[0])
        elif mark.startswith("'s"):
            found.append("'s")
        elif mark == "-":
            found.append("-")
    return [*found, ">"]


def _head(words: tuple[Word, ...], main: Name | None) -> str:
    """The title up to its tagline: to a colon, a dash or an "and" after the name."""
    if main is None:
        return ""
    kept = [word.text + word.after for word in words[: main.end]]
    if not re.search(r"[:,;!]", words[main.end - 1].after):
        for word in words[main.end :]:
            if not word.text or word.text.lower() in {"and", "with"} or word.text == "&":
                break
            kept.append(word.text + word.after)
            if re.search(r"[:,;!]", word.after):
                break
    return " ".join(kept).lower()


def _name_features(look_words: tuple[Word, ...], main: Name, speaker: Speaker) -> dict[str, float]:
    got: dict[str, float] = {f"name={main.sort}": 1.0}
    before = [w.text.lower() for w in look_words[: main.start] if w.text]
    lab, size = lab_at(look_words, 0)
    if lab and size >= main.start and main.start:
        before = []  # "OpenAI o3-mini", "Meta Llama 3"
    after = [w.text.lower() for w in look_words[main.end :] if w.text]
    mark = look_words[main.end - 1].after[:2]
    following = " ".join(after[:3])
    dash = bool(not mark and main.end < len(look_words) and not look_words[main.end].text)
    where = "start" if not before else ("second" if len(before) == 1 else "later")
    tail = (
        "end" if not after else
        "colon" if mark.startswith(":") else
        "comma" if mark.startswith(",") else
        "dash" if dash else
        "own" if mark == "'s" else
        "product" if _PRODUCT_AFTER.match(following) else "word"
    )  # fmt: skip
    got[f"at={where}"] = 1.0
    got[f"tail={tail}"] = 1.0
    got[f"{main.sort}:{where}:{tail}"] = 1.0
    got[f"{speaker.voice}:{main.sort}:{where}"] = 1.0
    got[f"{speaker.voice}:{main.sort}:{tail}"] = 1.0
    if before:
        got[f"before={before[-1]}"] = 1.0
    if after:
        got[f"after={after[0]}"] = 1.0
    got[f"before:{min(len(before), 4)}"] = 1.0
    if _CLAUSE.search(" ".join(before)):
        got["clause"] = 1.0
    if main.sort in {"versioned", "new"} and _TOLD_OUT.search(" ".join(before)):
        # Seldom, but it says all: so it is given more say than its few examples would win it.
        got["told_out"] = 4.0
        got[f"told_out:{tail}"] = 2.0
    if main.start and _BESIDE.search(" ".join(before)):
        got["beside"] = 1.0
        got[f"beside:{speaker.voice}"] = 1.0
    if speaker.lab and main.lab:
        own = _OWNERS.get(speaker.lab, speaker.lab) == _OWNERS.get(main.lab, main.lab)
        got["own_model" if own else "others_model"] = 1.0
        got[f"own={own}:{speaker.voice}:{main.sort}"] = 1.0
    if speaker.linked and main.lab:
        got["own_link" if speaker.linked == main.lab else "others_link"] = 1.0
    whole = (main.end - main.start + (0 if before else main.start)) / max(1, len(look_words))
    got["whole"] = whole if main.sort != "thing" else 0.0
    if main.sort in {"presented", "camel", "kin"}:
        text = " ".join(word.text for word in look_words).lower()
        model = bool(OUT_PATTERNS["model_word"].search(text))
        got[f"{main.sort}:model={model}"] = 1.0
        got[f"{main.sort}:{tail}:model={model}"] = 1.0
    if whole > 0.99 and main.sort != "thing":
        got[f"alone:{main.sort}:{speaker.voice}"] = 1.0
        got[f"alone:{main.sort}:linked={bool(speaker.linked)}"] = 1.0
    if main.family and FAMILIES[main.family].is_lab:
        got["family_is_lab"] = 1.0
    return got


def _url_features(
    url: str, main: Name | None, speaker: Speaker, known: Families
) -> dict[str, float]:
    if not url:
        return {"url=none": 1.0}
    try:
        parts = urlsplit(url)
    except ValueError:
        return {"url=none": 1.0}
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.lower()
    got = {f"url:linked={bool(speaker.linked)}": 1.0}
    for key, pattern in {
        "pdf": r"\.pdf$", "card": r"model-card|system-card", "arxiv": r"arxiv|/papers?/",
        "intro": r"introducing|announcing|/hello-|release", "case": r"customer|case-stud|stories",
        "research": r"/research|/publications?|/engineering",
        "docs": r"/docs|documentation|help|support",
        "product": r"/products?/|/solutions|/features", "version": r"\d[.-]\d|-\d+b\b|-v\d",
        "news": r"/news/|/index/|/blog", "year": r"/20\d\d/",
    }.items():  # fmt: skip
        if re.search(pattern, host + path):
            got[f"url={key}"] = 1.0
    if host in {"github.com", "huggingface.co"}:
        got[f"url={host}"] = 1.0
    slug = path.rstrip("/").rsplit("/", 1)[-1]
    if main is not None and main.sort not in {"word", "thing"}:
        joined = re.sub(r"[^a-z0-9]", "", main.text.lower())
        slugged = re.sub(r"[^a-z0-9]", "", slug)
        if joined and joined in slugged:
            got["url_has_name"] = 1.0
            got["url_is_name"] = float(len(slugged) <= len(joined) + 8)
    if len(slug) > 2:
        names = names_in(words_of(re.sub(r"(\d)-(?=\d\b)", r"\1.", slug).title()), known)
        if any(name.sort == "versioned" for name in names) and main is None:
            got["url_names_model"] = 1.0
    return got


def _is_place(word: str) -> bool:
    """Whether it stands for a name or is a mark, so that a pair with it is about one word."""
    return not word[:1].isalnum() or word in _PLACES


def look(entry: Entry, feed: Feed, known: Families = FAMILIES) -> Look:
    """Take an entry apart. `known`: the families of models to go by."""
    title = plain(entry.title)
    words = words_of(title)
    names = names_in(words, known)
    main = main_name(words, names)
    if main is None or main.sort in {"camel", "thing"}:
        unknown = presented(words)
        if unknown is not None and (main is None or main.sort == "camel"):
            main, names = unknown, (unknown,)
    speaker = speaker_of(feed, entry.url)
    lower = title.lower()
    summary = plain(entry.summary[:300]).lower()
    if summary == lower:
        summary = ""
    signs = tuple((key, match[0]) for key, p in SIGN_PATTERNS.items() if (match := p.search(lower)))
    out = tuple((key, match[0]) for key, p in OUT_PATTERNS.items() if (match := p.search(lower)))
    voice = speaker.voice
    sort = main.sort if main else "none"
    got: dict[str, float] = {f"voice={voice}": 1.0, f"sort={sort}": 1.0, f"{voice}:{sort}": 1.0}
    if voice is Voice.NEWS:
        got[f"news:linked={bool(speaker.linked)}"] = 1.0
        got[f"news:linked={bool(speaker.linked)}:{sort}"] = 1.0
    firm = sort in {"versioned", "bare", "new"}
    head = _head(words, main) if firm else lower
    heads = 0
    for key, _ in signs:
        if SIGN_PATTERNS[key].search(head):
            heads += 1
            got[f"sign={key}"] = 1.0
            got[f"sign={key}:firm={firm}"] = 1.0
        else:
            got[f"later={key}"] = 1.0
    got["signs"] = min(heads, 4) / 4
    for key, _ in out:
        got[f"out={key}"] = 1.0
        got[f"out={key}:firm={firm}"] = 1.0
        got[f"out={key}:{sort}"] = 1.0
    if not heads and firm:
        got["firm_and_no_sign"] = 1.0
    if main is not None:
        got.update(_name_features(words, main, speaker))
    got.update(_url_features(entry.url, main, speaker, known))
    if summary:
        got["said"] = 1.0
        for key, pattern in SAID_PATTERNS.items():
            if pattern.search(summary):
                got[f"said={key}"] = 1.0
                if firm:
                    got[f"said={key}:firm"] = 1.0
    others = {name.text.lower() for name in names} - {main.text.lower() if main else ""}
    got["other_names"] = min(len(others), 3) / 3
    got["length"] = min(len(words), 20) / 20
    if title.count(",") >= 3 or (title.count(",") == 2 and len(words) > 10):
        got["list_of_topics"] = 1.0
    masked = _masked(words, names)
    for gram in masked:
        got.setdefault(f"w:{gram}", 0.6)
    for one, two in pairwise(masked):
        if _is_place(one) or _is_place(two):
            got.setdefault(f"w:{one} {two}", 0.5)
    return Look(title, words, names, main, speaker, signs, out, got)
