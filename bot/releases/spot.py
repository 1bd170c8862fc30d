"""Find the names of models in a title, by known families and by the shape of new names. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.releases.families import FAMILIES, LABS, Family
from bot.releases.name_words import (
    KIN,
    NO_MODELS,
    NO_NAME,
    PLAIN_WORDS,
    PRESENTS,
    THING,
    VARIANT_CAPS,
    VARIANTS,
    WEAK_VARIANTS,
)
from bot.releases.spelling import Word

Families = Mapping[str, Family]


_VERSION = re.compile(r"^[vVrRkKmM]?\d{1,4}(?:\.\d+){0,2}[a-z]?$|^\d{1,2}o$|^[vV]\d[\w.]*$")
_SIZE = re.compile(r"^(?:A)?\d+(?:\.\d+)?(?:x\d+)?[BMT](?:-A\d+(?:\.\d+)?B)?$")
_STEM = re.compile(r"^(.*?[A-Za-z\u3400-\u9fff])[\d.]*[a-z]?$")
# A name nobody has heard of: a letter word with a version or a size glued on, or inner capitals.
_NEW_VERSIONED = re.compile(
    r"^(?=.*[A-Za-z]{2})[A-Z][A-Za-z0-9]*(?:[-.][A-Za-z0-9.]+)*?-?[vV]?\d[\w.\-]*$"
)
_CAMEL = re.compile(r"^[A-Z][a-z]+[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9.]+)*$|^[A-Z]{2,}[a-z]{2,}\w*$")
_HYPHENED = re.compile(r"^[A-Z][A-Za-z]+(?:-[A-Z][A-Za-z0-9.]*)+$")
# Looks like a versioned name and is none.
_NOT_NAMES = re.compile(
    r"^(?:(?:Q[1-4]|H[12]|Series|FY|SB|AB|GPU|TPU|RTX|DGX|GB|B|H|A|IL|MI|GTC|CES|ISO|SOC|MCP|API|"
    r"UTF|COVID|GTA|S3|F1|R&D|WW|M[1-5]|iOS|macOS|Wave|Top|Part|Day|Chapter|Windows|Python|Level|"
    r"Tier|ASL|AI|TPUv|HIPAA|G7|G20|DoD|EU|US|UK|AIME|IMO|GSM8K|MMLU|ARC|SWE-[Bb]ench)[-\s]?"
    r"[\d.]*\w?|\d[\w.,]*|Top-\d+|[A-Z][a-z]+-\d{4}|\w+-[Bb]ench\w*|\w*Bench\w*|GitHub|YouTube|"
    r"LinkedIn|TikTok|DeepMind|PyTorch|TensorFlow|JavaScript|TypeScript|WhatsApp|ChatGPT|OpenAI|"
    r"xAI|MiniMax|DeepSeek|HuggingFace|GroqCloud\w*|LlamaCon|DevDay|OpenRouter|ModelScope|VSCode|"
    r"JetBrains|iPhone|PowerPoint|McKinsey|FedRAMP|SoftBank|CoreWeave|NeurIPS|LMArena|AMAs?|MoEs?|LLMs?|VLMs?|SoTA|PhD|IoT|"
    r"[A-Z][a-z]+-(?:Time|Source|Weight|Weights|Powered|Based|Driven|Level|Class|Performance|"
    r"Quality|World|Efficient|Parameter|Native|Context|Ready|Scale|Edge|First|Up|Down|End|Use|"
    r"Stack|Agent|Breaking|Tuning|Tune)s?|[A-Z][a-z]+-[a-z].*)$"
)

_SMALL = frozenset(("max", "flash", "lite", "ultra"))
_AFTER_NAME = frozenset(("is", "are", "and", "now", "released", "available", "out", "model"))
_SUFFIX = re.compile(r"^\(?(?:Instruct|Thinking|Preview|Beta|Exp|new|new\))\)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a model in a title: words `start` to `end` (not included).

    `sort` is "versioned" (a known family with a version, size or variant), "bare" (a known family
    alone), "word" (alone, and an ordinary word, a product's or a lab's name too), "new" (unknown
    and versioned) or "camel" (unknown, known only by its spelling); "thing" is
    a program or a copy called after a model.
    """

    text: str
    start: int
    end: int
    sort: str
    lab: str = ""
    family: str = ""


def family_of(token: str, known: Families = FAMILIES) -> tuple[str, bool]:
    """(family, whether the token itself has a version or variant); ("", False) if none."""
    low = token.lower()
    if low in known:
        # "o3", "sam2" carry their version in their name; "claude" does not.
        return low, any(mark.isdigit() for mark in low)
    parts = [part for part in re.split(r"[-_]", low) if part]
    for size in (2, 1):
        head = "-".join(parts[:size])
        if head in known:
            return head, len(parts) > size
        stem = _STEM.match(head)
        if stem and stem[1] != head:
            key = stem[1].rstrip("v-") if stem[1].rstrip("v-") in known else stem[1]
            if key in known:
                return key, True
    if len(parts) > 1 and parts[1] in known and not known[parts[1]].word:
        return parts[1], len(parts) > 2
    # "CodeQwen1.5", "T5Gemma", "FunctionGemma": a family at the end of a compound.
    match = re.match(r"^(?:[A-Z][a-z]+|[A-Z]\d|[A-Z]+)((?:[A-Z])[a-z]+)(?=[\d\-.]|$)", token)
    if match and match[1].lower() in known and not known[match[1].lower()].word:
        return match[1].lower(), True
    # "DeepSeekMath-V2", "QwenVLo", "GlmOcr": a family at the beginning of one.
    match = re.match(r"^((?:[A-Z][a-z]+){1,2}|[A-Z]{3})(?=[A-Z][a-z]|[A-Z]{2,})", token)
    if match and match[1].lower() in known and not known[match[1].lower()].word:
        return match[1].lower(), True
    return "", False


def _belongs(text: str, known: Families) -> bool:
    """Whether a word goes on with the name before it."""
    if _VERSION.match(text) or _SIZE.match(text) or _SUFFIX.match(text):
        return True
    head = re.split(r"[-.]", text.lower())[0]
    if text[:1].isupper() or text.islower():
        if text.lower() in VARIANTS or (head in VARIANTS and "-" in text):
            return text[:1].isupper() or text.lower() in {"mini", "nano", "turbo", "preview", "pro"}
        family, _ = family_of(text, known)
        return bool(family) and text[:1].isupper() and not known[family].is_lab
    return False


def _go_on(words: tuple[Word, ...], start: int, known: Families) -> int:
    end = start + 1
    while end < len(words) and not re.search(r"[:;,!?.]|'s", words[end - 1].after):
        text = words[end].text
        two = f"{text} {words[end + 1].text}".lower() if end + 1 < len(words) else ""
        if (two == "computer use" and not words[end].after) or (
            text.lower() == "model" and two[6:].isdigit()
        ):
            end += 2
        elif (len(text) == 1 and text.isupper() and words[end - 1].text == "Command") or (
            text and (_belongs(text, known) or _ends_small(words, end))
        ):
            end += 1
        elif _tier(words, end):  # "Claude Saga 5": a tier that is new
            end += 2
        else:
            break
    return end


def _ends_small(words: tuple[Word, ...], at: int) -> bool:
    """Whether a variant in small letters ends the name here: "GPT-6 max", "GPT-6 max is out", but
    not "GPT-6 max tokens", where it is a word like any other.
    """
    if words[at].text not in _SMALL:
        return False
    following = words[at + 1].text.lower() if at + 1 < len(words) else ""
    return bool(words[at].after) or not following or following in _AFTER_NAME


def _tier(words: tuple[Word, ...], at: int) -> bool:
    if at + 1 >= len(words) or words[at].after or not re.match(r"^[A-Z][a-z]+$", words[at].text):
        return False
    if words[at].text.lower() in PLAIN_WORDS or lab_at(words, at)[1]:
        return False
    return bool(re.match(r"^\d{1,2}(?:\.\d+)?$", words[at + 1].text))


def _sort(
    words: tuple[Word, ...], start: int, end: int, family: Family, versioned: bool, known: Families
) -> str:
    rest = [word.text for word in words[start + 1 : end]]
    if rest and len(rest[0]) == 1:  # "Command A"
        return "versioned"
    if THING.search(" ".join(word.text for word in words[start:end])):
        return "thing"
    numbered = versioned or any(_VERSION.match(text) or _SIZE.match(text) for text in rest)
    numbered = numbered or any(family_of(text, known)[1] for text in rest)
    strong = any(
        text.lower() not in WEAK_VARIANTS or not (family.word or family.is_lab)
        for text in rest
        if text
    )
    if numbered or (rest and strong):
        return "versioned"
    return "word" if family.word or family.is_lab else "bare"


def lab_at(words: tuple[Word, ...], index: int) -> tuple[str, int]:
    """(lab, number of words) where a lab's name stands at `index`; ("", 0) if none does."""
    for size in (3, 2, 1):
        piece = " ".join(word.text for word in words[index : index + size]).lower()
        if piece in LABS and index + size <= len(words):
            return LABS[piece], size
    return "", 0


def names_in(words: tuple[Word, ...], known: Families = FAMILIES) -> tuple[Name, ...]:
    """Every name of a model in a title, in order. `known`: the families to go by."""
    found: list[Name] = []
    index = 0
    while index < len(words):
        name = _name_at(words, index, known)
        if name is None:
            index += 1
            continue
        found.append(name)
        index = name.end
    return tuple(found)


def _name_at(words: tuple[Word, ...], index: int, known: Families) -> Name | None:
    text = words[index].text
    if text.lower() in NO_MODELS:
        return None
    if not text or re.search(r"-(?:bench|based|powered|enabled)\b", text.lower()):
        return None
    two = f"{text}-{words[index + 1].text}".lower() if index + 1 < len(words) else ""
    family, versioned = family_of(text, known)
    begin = index
    stem_two = re.sub(r"[\d.]+$", "", two)
    if not words[index].after and (two in known or stem_two in known):
        family, versioned = (two, False) if two in known else (stem_two, True)
        begin = index + 1
    if family:
        capital = text[:1].isupper() or any(mark.isdigit() for mark in text) or not text.isascii()
        if known[family].word and not capital and not versioned:
            return None
        end = _go_on(words, begin, known)
        sort = _sort(words, begin, end, known[family], versioned, known)
        if known[family].word and text.islower() and sort == "word":
            return None
        if sort == "word" and known[family].is_lab and lab_at(words, index)[1]:
            return None
        return _named(words, index, end, sort, known[family].lab, family)
    if _NOT_NAMES.match(text):
        return None
    following = words[index + 1].text if index + 1 < len(words) else ""
    if THING.search(text):
        return _named(words, index, index + 1, "thing")
    if _NEW_VERSIONED.match(text):
        return _named(words, index, _go_on(words, index, known), "new")
    if (
        re.match(r"^[A-Z][A-Za-z]+(?<!ing)(?:-[A-Za-z]+)*$", text)
        and text.lower() not in PLAIN_WORDS
        and not words[index].after
        and lab_at(words, index)[1] == 0
        and (re.match(r"^[vV]?\d{1,2}(?:\.\d+){0,2}[a-z]?$", following) or _SIZE.match(following))
    ):
        return _named(words, index, _go_on(words, index, known), "new")
    if KIN.match(text) and lab_at(words, index)[1] == 0 and text not in VARIANT_CAPS:
        return _named(words, index, _go_on(words, index, known), "kin")
    if _CAMEL.match(text) or _HYPHENED.match(text):
        if lab_at(words, index)[1]:
            return None
        return _named(words, index, _go_on(words, index, known), "camel")
    return None


def presented(words: tuple[Word, ...]) -> Name | None:
    """A name that only its place shows: after "Introducing", or alone before a colon or the end."""
    start = 0
    lab, size = lab_at(words, 0)
    if lab:
        start = size
    if start < len(words) and words[start].text.lower() in PRESENTS:
        start += 1
    while start < len(words) and words[start].text.lower() in {"the", "our", "new", "its", ""}:
        start += 1
    end = start
    while end < len(words) and end - start < 4:
        text = words[end].text
        if not (text[:1].isupper() or text[:1].isdigit()) or text.lower() in NO_NAME:
            break
        end += 1
        if words[end - 1].after:
            break
    if end == start or (
        end < len(words) and not words[end - 1].after and start == 0 and not lab and words[end].text
    ):
        return None
    text = words[start].text
    return _named(words, start, end, "presented") if len(text) > 1 and text.isascii() else None


def _named(
    words: tuple[Word, ...], start: int, end: int, sort: str, lab: str = "", family: str = ""
) -> Name:
    text = " ".join(word.text for word in words[start:end]).strip()
    return Name(text, start, end, sort, lab, family)
