"""Titles in one spelling, and their words. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from html import unescape

_DASHES = re.compile(r"[‐‑‒−]")
_LONG_DASHES = re.compile(r"\s*[–—―]+\s*|\s+-+\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "´": "'"})
_MARKUP = re.compile(r"<[^<>]{0,200}>")
_THINK = re.compile(r"<think>.*?</think>", re.IGNORECASE)
_NOTE = re.compile(r"\[(?:pdf|video|title inferred[^\]]*|audio|\d{4})\]|\(\d{4}\)", re.IGNORECASE)
_TRAILING_DATE = re.compile(r"\s+\d{4}[/.]\d{1,2}[/.]\d{1,2}\s*$")
_CJK = re.compile(r"([\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]+)")


def plain(title: str) -> str:
    """A title in one spelling: straight quotes and hyphens, no markup, CJK set apart."""
    text = unescape(title).replace("：", ": ").replace("，", ", ")
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    text = _THINK.sub(" ", text)
    text = _MARKUP.sub(" ", text)
    text = _DASHES.sub("-", text)
    text = _LONG_DASHES.sub(" - ", text)
    text = _NOTE.sub(" ", text)
    text = _TRAILING_DATE.sub("", " ".join(text.split()))
    text = _CJK.sub(r" \1 ", text)
    text = re.sub(r"(\w)/(?=[A-Za-z]{3,})", r"\1 / ", text)
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a title without the marks around it, and the marks after it."""

    text: str
    after: str


_OPENING = "\"'([{«*`"
_CLOSING = "\"')]}»*`.,:;!?…"


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a plain title."""
    found = []
    for piece in text.split():
        core = piece.lstrip(_OPENING)
        bare = core.rstrip(_CLOSING)
        after = core[len(bare) :]
        if bare.endswith("'s"):
            bare, after = bare[:-2], "'s" + after
        found.append(Word(bare, after) if bare else Word("", piece))
    return tuple(found)
