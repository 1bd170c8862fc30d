"""Entries of structured sources: releases by construction, but for aliases, copies and old models.

Pure. What a source gives beside the name is in `Entry.given`; of it are read `alias` and `variant`
(another name of a model), `derived` (made from another model), `org` (who uploaded it), `tags`,
`model` (the name without its lab) and `open_weights`.
"""

import re
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.model.feed import Entry, Feed, FeedKind, Judgement
from bot.releases.about import kind_of, lab_of, open_weights_of
from bot.releases.families import LABS
from bot.releases.shape import look
from bot.releases.speaker import host_lab
from bot.releases.spelling import plain, words_of
from bot.releases.spot import names_in

# A model that a list shows for the first time so long after it was made is no news.
OLD = timedelta(days=45)

_ALIAS = re.compile(
    r"(?:[-:/ (](?:latest|free|nitro|floor|online|beta-latest|extended|thinking-on|exacto)\)?)$|"
    r"^(?:auto|router|openrouter/auto)$|[:@~](?:latest|free|default)|\bcustomtools\b", re.IGNORECASE
)  # fmt: skip
_COPY = re.compile(
    r"(?<![a-z])(?:gguf|ggml|awq|gptq|exl[23]|mlx|bnb|fp8|fp4|nvfp4|mxfp4|int4|int8|w4a16|w8a8|"
    r"[248]-?bit|q[2-8]_[k0]\w*|onnx|openvino|coreml|quantized|quant|imatrix|unsloth|"
    r"abliterated|uncensored|heretic|merged?|lora|adapter|eagle3?|mtp|draft|speculative|"
    r"tensorrt|trt|litert|tflite|safetensors|hf|block-?sparse|pruned|distill-gguf)(?![a-z])",
    re.IGNORECASE,
)  # fmt: skip
_ALONGSIDE = re.compile(
    r"(?:^|[-_ ])(?:tokenizer|processor|checkpoint|ckpt|intermediate|stage\d|step\d+|"
    r"dataset|demo|space|test|tests|debug|tiny-random|dummy|reward|rm|sae|scope)(?:$|[-_ ])",
    re.IGNORECASE,
)  # fmt: skip
_BASE = re.compile(r"[-_ ](?:base|pt)$", re.IGNORECASE)
_TOOL = re.compile(
    r"(?:^|[-_ /])(?:cli|sdk|mcp|api|app|cookbook|docs|examples?|plugin|extension|awesome|"
    r"github\.io|agent|agents|server|client|python|js|vllm|toolkit|bench|benchmark|eval|"
    r"verifier|skills|provider|hackathon|tools?)(?:$|[-_ /.])", re.IGNORECASE
)  # fmt: skip


def _no(reason: str, confidence: float, word: str, **more: Any) -> Judgement:
    return Judgement(False, confidence, reason, words=(word,) if word else (), **more)


def judge_listed(
    entry: Entry, feed: Feed, labs: Container[str] = (), now: datetime | None = None
) -> Judgement:
    """Judge an entry of a list of models or of a repository's releases.

    With `now`, what the list itself dates long before is an old model listed again.
    """
    seen = look(entry, feed)
    given: Mapping[str, Any] = entry.given
    shown = str(given.get("model") or "") or re.sub(
        r"^[^/:]{1,40}(?:/|: )", "", entry.title.strip() or entry.id
    )
    lab = feed.lab or (_owner(entry, labs) if "/" in entry.id else lab_of(entry, seen, labs))
    kind = kind_of(entry, seen)
    opened = open_weights_of(entry)
    if given.get("open_weights") is not None:
        opened = bool(given["open_weights"])
    elif feed.kind is FeedKind.HUGGING_FACE:
        opened = True
    more: dict[str, Any] = {"lab": lab, "model": shown, "kind": kind, "open_weights": opened}
    names = f"{entry.id} {entry.title}"
    if not shown.strip():
        return _no("junk: no name", 1.0, "", **more)
    if given.get("alias") or given.get("variant"):
        word = str(given.get("variant") or entry.id)
        return _no(f"alias: “{word}” points at a model", 0.95, word, **more)
    if match := _ALIAS.search(entry.id) or _ALIAS.search(entry.title):
        return _no(f"alias: “{match[0].strip(' -:/()')}” points at a model", 0.95, match[0], **more)
    if match := _COPY.search(names):
        return _no(f"repack: “{match[0]}”", 0.95, match[0], **more)
    derived = str(given.get("derived") or "")
    if derived in {"quantized", "adapter", "merge"}:
        return _no(f"repack: marked as {derived} from another model", 0.95, derived, **more)
    if any(str(tag).lower() in {"gguf", "lora", "merge"} for tag in given.get("tags") or ()):
        return _no("repack: its tags say so", 0.9, "tags", **more)
    org = str(given.get("org") or "")
    if feed.kind is FeedKind.HUGGING_FACE and org and feed.lab:
        owner = host_lab(f"https://huggingface.co/{org}/x")
        if owner != feed.lab and org.lower() not in feed.url.lower():
            return _no(f"repack: published by {org}, not by the maker", 0.9, org, **more)
    if match := _ALONGSIDE.search(shown):
        return _no(f"tool: “{match[0].strip(' -_')}”", 0.9, match[0].strip(" -_"), **more)
    if now and entry.published and now - entry.published > OLD:
        return _no(f"repost_old: made on {entry.published:%d %b %Y}", 0.9, "", **more)
    if feed.kind is FeedKind.GITHUB:
        return _of_repository(entry, shown, more)
    if match := _BASE.search(shown):
        # A base model beside its tuned sister is told with it; alone it waits for another source.
        return Judgement(
            True, 0.6, "release: a base model in a list of models", words=(match[0],), **more
        )
    return Judgement(
        True, 0.97, "release: listed by name in a list of models", words=(shown,), **more
    )


# Owners that a list spells in its own way.
_SPELT = {
    "x-ai": "xai",
    "z-ai": "zai",
    "meta-llama": "meta",
    "bytedance": "bytedance",
    "inception": "inception",
    "kwaipilot": "kuaishou",
}


def _owner(entry: Entry, labs: Container[str]) -> str:
    """The lab that a list names as the owner, never that of the model it was made from."""
    owner = entry.id.lstrip("~").partition("/")[0].lower()
    named = str(entry.given.get("lab_name") or "").lower()
    found = (
        (named if named in labs else "")
        or LABS.get(named, "")
        or _SPELT.get(owner, "")
        or host_lab(f"https://huggingface.co/{owner}/x")
        or LABS.get(owner.replace("-", " "), "")
    )
    return found if not labs or found in labs else ""


def _of_repository(entry: Entry, shown: str, more: dict[str, Any]) -> Judgement:
    if match := _TOOL.search(shown):
        return _no(f"tool: “{match[0].strip(' -_/.')}”", 0.9, match[0].strip(" -_/."), **more)
    if re.fullmatch(r"(?:rust-|release[- ]?)?v?\d+(?:\.\d+)*(?:[-.]?(?:alpha|beta|rc)\S*)?", shown):
        return _no(f"tool: version {shown} of a program", 0.95, shown, **more)
    names = names_of_models(shown)
    if not names:
        return _no("tool: a repository without the name of a model", 0.8, "", **more)
    return Judgement(
        True, 0.75, "release: a repository named after a model", words=(names,), **more
    )


def names_of_models(shown: str) -> str:
    """The first versioned name in a repository's or release's title; "" if there is none."""
    names = names_in(words_of(plain(shown)))
    return next((name.text for name in names if name.sort in {"versioned", "new"}), "")
