"""One spelling for every name of a model, so that two sources can be compared. Pure."""

import re
from collections.abc import Collection
from functools import cache, lru_cache

from bot.releases.lab_names import lab_key, lab_of, load_names, own_names, plain

__all__ = ["bare", "canonical", "each", "family", "is_family", "is_soft", "is_stamp", "lab_of"]

# What Chinese and long forms are called in short.
_SPOKEN = (
    ("通义千问", "qwen "), ("tongyi qianwen", "qwen"), ("千问", "qwen "), ("豆包", "doubao "),
    ("混元", "hunyuan "), ("文心一言", "ernie "), ("文心", "ernie "), ("星火", "spark "),
    ("盘古", "pangu "), ("可灵", "kling "), ("海螺", "hailuo "), ("日日新", "sensenova "),
    ("segment anything model", "sam"), ("segment anything", "sam"), ("dalle", "dall-e"),
    ("chatgpt-4o", "gpt-4o-chat"), ("gemini 3 pro image", "nano banana pro"),
    ("gemini 2.5 flash image", "nano banana"), ("dino v", "dinov"),
)  # fmt: skip
# Words around a name that belong to no name.
_AROUND = "the model models family series llm llms api new free official"
# Who may run it and how it was packed say nothing about which release it is.
_PACKINGS = "hf gguf awq gptq fp8 fp16 bf16 int4 int8 mlx nvfp4 mxfp4 4bit 8bit"
# Variants that come out together and are one release on one day.
_VARIANTS = (
    "instruct chat base it thinking reasoning preview beta alpha exp experimental release"
    " latest mini nano lite flash pro max air plus turbo small medium large ultra high low fast"
    " instant zero distill text super haiku sonnet opus scout maverick behemoth dev"
    " schnell klein edge tiny xs xl premier micro open hd standard terminus speciale"
)
# Of those, what is often left out of the name of the same weights.
_LEFT_OUT = "instruct chat base it preview beta release latest text"
_FILLER = frozenset(_AROUND.split())
_VARIANT = frozenset(f"{_VARIANTS} {_PACKINGS}".split())
_SOFT = frozenset(f"{_LEFT_OUT} {_PACKINGS}".split())
# A name is short; what is longer is none.
_LONGEST = 200
_TIERS = ("haiku", "sonnet", "opus", "instant", "fable", "mythos")
# "1m" is how much it reads, not how large it is.
_SIZE = re.compile(r"(?:\d+x)?[ae]?\d+(?:\.\d+)?[bkt]|\d{2,}m|\d+(?:\.\d+)?ba\d+b")
_STAMP = re.compile(r"20\d{6}|2[3-9](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[0-3]\d")
_FULL_DATE = re.compile(r"20[2-9]\d(?:0[1-9]|1[0-2])[0-3]\d")


@lru_cache(maxsize=8192)
def canonical(lab: str, model: str) -> str:
    """The one spelling of a name: "deepseek/DeepSeek‑R1‑0528:free" is "deepseek-r1-0528"."""
    return "-".join(_tokens(lab, model))


@lru_cache(maxsize=8192)
def family(lab: str, model: str) -> str:
    """The release that variants of one day belong to: of "Qwen3-32B-Instruct" "qwen-3".

    Sizes, tiers, dates and packings go; what a model is for ("coder", "vl", "ocr") stays.
    """
    tokens = _tokens(lab, model)
    kept = [
        token
        for place, token in enumerate(tokens)
        if place == 0
        or not (token in _VARIANT or _SIZE.fullmatch(token) or _STAMP.fullmatch(token))
    ]
    if kept and len(kept) == 1 and kept[0] in _naked():
        # "Mistral Large", "Qwen Plus", "Claude Haiku": the tier is all that tells them apart.
        kept += [token for token in tokens[1:] if not _SIZE.fullmatch(token)][:1]
    return "-".join(kept)


def is_family(name: str) -> bool:
    """Whether a canonical name is a family alone, which means no release: "claude", "qwen"."""
    return name in _naked()


def is_stamp(token: str) -> bool:
    """Whether a part of a name is a date: "0528", "2507", "20250807"."""
    return _STAMP.fullmatch(token) is not None


def is_soft(token: str) -> bool:
    """Whether a part of a name may be left out without meaning another model."""
    return token in _SOFT or _SIZE.fullmatch(token) is not None


def bare(name: str) -> str:
    """A canonical name without the full date of a snapshot: of "gpt-5-20250807" "gpt-5"."""
    return "-".join(token for token in name.split("-") if not _FULL_DATE.fullmatch(token))


def each(lab: str, models: str) -> tuple[str, ...]:
    """The canonical names of a text that may name several: "o3, o4-mini", "Text-01 / VL-01"."""
    outside = re.sub(
        r"\((?:new|free|open weights|preview|update)\)", " ", models, flags=re.IGNORECASE
    )
    parts = re.split(r"[,，、;()（）]|\s/\s|\s(?:and|und|et|&)\s|和|与", outside)
    found = (canonical(lab, part) for part in parts if part.strip())
    names = [name for name in dict.fromkeys(found) if name]
    # "Mistral 3 (Large 3, Ministral 3)": what the parts leave out is the first one's.
    first = names[0].split("-")[0] if names else ""
    return tuple(
        f"{first}-{name}" if name.split("-")[0] in _VARIANT and first not in _VARIANT else name
        for name in names
    )


def _tokens(lab: str, model: str) -> list[str]:
    text = _unprefixed(plain(model[:_LONGEST]))
    for long, short in _SPOKEN:
        text = text.replace(long, short)
    if "20" in text:
        text = re.sub(r"\b(20\d\d)[-/.](\d\d)[-/.](\d\d)\b", r"\1\2\3", text)
    text = re.sub(r"\((?:free|new)\)|:(?:free|extended|thinking|nitro|beta)$", " ", text)
    # A point inside a number is part of it ("v3.1"); any other is a space ("flux.2").
    text = re.sub(r"(?<=[a-z]{3})\.(?=\d)|[^\w.+]+|_|[\u3400-\u9fff]+", " ", text)
    words = [word.strip(".") for word in text.split()]
    words = [part for word in words if word not in _FILLER for part in _split(word)]
    return _ordered(_branded(lab, _joined([word for word in words if word])))


def _unprefixed(text: str) -> str:
    """Without "org/" and "Lab: " at its front."""
    text = re.sub(r"^~?[\w.-]+/(?=\S)", "", text)
    head = re.match(r"([\w. -]{2,30}):\s+(.+)", text)
    return head[2] if head and lab_key(head[1], load_names()) else text


def _split(word: str) -> list[str]:
    """ "qwen3" is "qwen 3", "qwen3guard" "qwen 3 guard"; "v3.1", "k2" and "o3" stay whole."""
    if word.isalpha():
        return [word]
    match = re.fullmatch(r"([a-z]{2,})(\d+(?:\.\d+)?)([a-z]{3,})?", word)
    if not match or match[1] in {"dinov", "gr"}:
        return [_version(word)]
    return [part for part in (match[1], _version(match[2]), match[3]) if part]


def _version(word: str) -> str:
    return re.sub(r"^([a-z]?\d+)\.0$", r"\1", word) if word.endswith(".0") else word


def _joined(words: list[str]) -> list[str]:
    """Addresses write 3.5 as "3-5"; a date's "05-06" is left."""
    done: list[str] = []
    for word in words:
        if done and len(word) == 1 and word.isdecimal() and re.fullmatch(r"[a-z]?[1-9]", done[-1]):
            done[-1] = _version(f"{done[-1]}.{word}")
        else:
            done.append(word)
    return done


def _branded(lab: str, words: list[str]) -> list[str]:
    """With the lab's short word before a bare version, and without its name before a family."""
    naming = load_names().get(lab)
    if not words or naming is None:
        return words
    if naming.short and re.fullmatch(r"[a-z]\d[\w.]*", words[0]):
        return [naming.short, *words]
    known = own_names(lab)
    for length in (3, 2, 1):
        rest = words[length:]
        if rest and "".join(words[:length]).replace(".", "") in known and _opens(rest, lab):
            return rest
    return words


def _opens(words: list[str], lab: str) -> bool:
    """Whether a name of this lab's models begins here, so that the lab before it may go."""
    text = f"{' '.join(words)} "
    return text.startswith(_openings(lab))


@cache
def _openings(lab: str) -> tuple[str, ...]:
    """How names of a lab's models begin."""
    known = [plain(name).replace("-", " ") for name in load_names()[lab].families]
    if lab == "minimax":
        known += ["image", "video"]
    return tuple(name + end for name in known for end in (" ", "v"))


def _ordered(words: list[str]) -> list[str]:
    """Claude's tier before its number, whichever was written first."""
    if words and words[0] in _TIERS and len(words) > 1:
        words = ["claude", *words]
    if words[:1] != ["claude"]:
        return words
    tiers = [word for word in words[1:] if word in _TIERS]
    return ["claude", *tiers, *(word for word in words[1:] if word not in _TIERS)]


@cache
def _naked() -> Collection[str]:
    """First words that alone name no release."""
    return {
        plain(word).split()[0] for row in load_names().values() for word in (*row.loose, *row.words)
    }
