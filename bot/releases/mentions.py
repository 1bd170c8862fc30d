"""Names of models in a title or an address, where nobody has said which model is meant. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from urllib.parse import unquote, urlsplit

from bot.releases.lab_names import compared, load_names, plain
from bot.releases.names import canonical

# What may stand behind a family's name and belongs to it.
_KIND = (
    "coder|codex|code|math|vl|vlo|omni|guard|safeguard|embedding|embed|reranker|rerank|tts|asr|ocr"
    "|image|audio|video|edit|layered|robotics|realtime|transcribe|translate|vision|music|speech"
    "|mt|moe|next|linear|gov|computer use|native audio|deepresearch|live|3d|oss|text|hailuo"
    "|multilingual|phone|search"
)
_TIER = (
    "instruct|chat|thinking|preview|beta|exp|mini|nano|flash-lite|lite|flash|pro|max|air"
    "|plus|turbo|small|medium|large|ultra|fast|instant|zero|super|haiku|sonnet|opus|scout|maverick"
    "|terminus|speciale"
)
_NUMBER = r"(?:[a-z]-?)?\d+(?:\.\d+)*(?:x\d+b|[a-z]\b)?"
# "Image generation" says what a model does; it does not name it.
_NO_NAME = r"(?! (?:generation|understanding|editing|recognition|translation)\b)"
_TAIL = re.compile(
    rf"(?:[ -]?{_NUMBER}{_NO_NAME}(?![a-z])|[ -]?(?:{_KIND}|{_TIER}){_NO_NAME}(?![a-z]))*"
)
# What makes one name of a family that alone is none ("Qwen Plus", not "Mistral chat").
_FIRST = re.compile(
    rf"[ -]?(?:{_NUMBER}|{_KIND}|exp|mini|pro|max|plus|turbo|flash|large|ultra){_NO_NAME}(?![a-z])"
)
_COUNTED = re.compile(rf"[ .-]?{_NUMBER}(?![a-z])")
# A title is a line; what is longer is no title.
_LONGEST = 400
_PRODUCTS = frozenset({"claude-code", "gpt-code", "kimi-code", "qwen-code", "gemini-code"})
# Addresses end in a slug; these ends say nothing.
_PLAIN_ENDS = frozenset({"", "models", "news", "blog", "new-released", "index", "paper"})


def named_in(title: str, lab: str = "", url: str = "") -> tuple[str, ...]:
    """The canonical names that a title speaks of, in its order; else those of its address.

    With `lab` only its families count, and a title that is nothing but a name is one.
    """
    found = _named(plain(title[:_LONGEST]), lab)
    if not found and lab:
        found = _head(title[:_LONGEST], lab)
    if not found and url:
        found = _named(_slug(url), lab)
    return found


def _named(text: str, lab: str) -> tuple[str, ...]:
    # "Update to the card of one: another" is about the other.
    update = re.match(r"(?:addendum|update) to [^:]*: (.*)", text)
    if update and (other := _named(update[1], lab)):
        return other
    found = [
        canonical(owner, name)
        for owner, name, start in _spotted(text, lab)
        if not compared(text, start)
    ]
    return tuple(dict.fromkeys(name for name in found if name and name not in _PRODUCTS))


def _spotted(text: str, lab: str) -> Iterator[tuple[str, str, int]]:
    """Lab, name as written and place of every name of a model."""
    pattern, owners = _families()
    place = 0
    while match := pattern.search(text, place):
        place = match.end()
        for owner, sort in owners[match[0].replace("-", " ")]:
            if lab and owner != lab:
                continue
            first = _LEAST[sort].match(text, match.end())
            if first is None:
                continue
            tail = _TAIL.match(text, first.end())
            place = tail.end() if tail else first.end()
            yield owner, text[match.start() : place], match.start()
            break


def _head(title: str, lab: str) -> tuple[str, ...]:
    """A short title with a number in it: "Music-2.0", "SWE-1: Our First Frontier Models"."""
    head = re.split(r"[:：|—,(]", title)[0].strip()
    head = re.sub(r"^(?:introducing|announcing|meet|hello|new)\s+", "", head, flags=re.IGNORECASE)
    if re.search(r"\d", head) and 0 < len(head.split()) <= 3 and not re.search(r"[$%#]", head):
        return (canonical(lab, head),)
    return ()


def _slug(url: str) -> str:
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ""
    parts = [part for part in path.split("/") if part]
    end = parts[-1] if parts else ""
    if end in _PLAIN_ENDS:
        return ""
    slug = plain(re.sub(r"\.(?:html?|pdf)$", "", end[:_LONGEST]))
    # Addresses have no points: "speech-26" is 2.6, "m21" is M2.1.
    return re.sub(r"(?<=-)([a-z]?[1-9])(\d)(?=$|-)", r"\1.\2", slug)


# The least that must stand behind a family of each sort.
_LEAST = {"brands": re.compile(""), "loose": _FIRST, "words": _COUNTED}


@cache
def _families() -> tuple[re.Pattern[str], Mapping[str, Sequence[tuple[str, str]]]]:
    """Every family of models, and per family whose it is and of what sort."""
    owners: dict[str, list[tuple[str, str]]] = {}
    for lab, naming in load_names().items():
        for sort, names in (
            ("brands", naming.brands),
            ("loose", naming.loose),
            ("words", naming.words),
        ):
            for name in names:
                owners.setdefault(plain(name).replace("-", " "), []).append((lab, sort))
    longest_first = sorted(owners, key=len, reverse=True)
    spelled = "|".join(re.escape(name).replace(r"\ ", "[ -]") for name in longest_first)
    return re.compile(rf"(?<![a-z0-9])(?:{spelled})(?![a-z])"), owners
