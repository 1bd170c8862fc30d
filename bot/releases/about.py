"""Which model an entry is about, whose it is, what it does, whether its weights are open. Pure."""

import re
from collections.abc import Container

from bot.model.feed import Entry
from bot.releases.families import FAMILIES
from bot.releases.shape import Look
from bot.releases.spelling import plain, words_of
from bot.releases.spot import Name, lab_at, names_in

_KINDS: tuple[tuple[str, str], ...] = (
    ("embedding", r"embed|rerank|向量|重排"),
    ("other", r"robot|guard|moderation|weather|protein|genom|fold|world model|jepa|3d|safety"),
    ("other", r"marble|genie|具身|机器人"),
    ("audio", r"audio|speech|voice|tts|\basr\b|music|whisper|transcri|voxtral|sonic|lyria"),
    ("audio", r"lipsync|suno|语音|音频|音乐"),
    ("video", r"video|sora|veo\b|hailuo|kling|seedance|cogvideo|gen-\d|\bwan\b|wan2|视频|海螺"),
    ("image", r"image|flux|diffusion|dall|imagen|nano banana|seedream|janus|cogview"),
    ("image", r"text-to-image|firefly|图像|图片|文生图|midjourney"),
    ("other", r"\bocr\b|segment|dino|sam ?\d"),
    ("code", r"\bcode\b|coder|coding|codex|codestral|devstral|codegemma|swe-|composer"),
    ("code", r"starcoder|编程|代码"),
)  # fmt: skip
_OPEN = re.compile(
    r"open[- ]?weights?|open[- ]?sourc\w+|\bopen (?:models?|llm|release)|apache(?: |-)?2|"
    r"\bmit licen[cs]e|\bweights\b.{0,30}(?:available|released|hugging)|hugging ?face|modelscope|"
    r"free to download|openly available|gpt-oss|开源|开放权重|权重"
)
_CLOSED = re.compile(r"\b(?:proprietary|closed[- ]weights?|not open)\b|闭源")
_HOSTED = re.compile(r"huggingface\.co/(?!papers|blog|spaces)|github\.com/|modelscope\.(?:cn|ai)/")
_MEASURED = re.compile(r"(?<=\w) (?:model|series|family)$", re.IGNORECASE)


# The only name of a title is not the model's own after one of these: "rivals OpenAI's o1".
_COMPARED = re.compile(
    r"\b(?:rivals?|comparable|than|vs|versus|against|beats?|beating|outperforms?|match(?:es)?|"
    r"surpass(?:es)?|undercuts?|challenges?)(?: to| with)?(?: [\w.]+)?$"
)


def _compared(look: Look) -> bool:
    if look.main is None or look.main.start == 0:
        return False
    before = " ".join(word.text for word in look.words[: look.main.start]).lower()
    return bool(_COMPARED.search(before))


def _written(name: Name, look: Look) -> str:
    """The name as people write it, with "A" and "Series" and the like left out."""
    return _MEASURED.sub("", name.text.strip(" -+&/")).strip()


def _quiet(words_before: str) -> str:
    return re.sub(
        r"^(?:introducing|announcing|meet|hello|releasing|launching|unveiling|the|our|new|"
        r"say hello to|presenting|official|release of|open|sourcing)\s+",
        "", words_before, flags=re.IGNORECASE,
    )  # fmt: skip


def model_of(entry: Entry, look: Look) -> str:
    """The name of the model; "" where none is found in title, summary or address."""
    main = None if _compared(look) else look.main
    if main is not None and re.fullmatch(r"[A-Z]\d[\w.\-]*", main.text):
        before = next((w for i, w in enumerate(look.words) if lab_at(look.words, i)[0]), None)
        return f"{before.text} {main.text}" if before else main.text
    if main is not None and main.sort in {"versioned", "new", "bare", "kin"}:
        return _written(main, look)
    summary = words_of(plain(entry.summary[:300]))
    spoken = [
        name
        for name in names_in(summary)
        if name.sort == "versioned"
        and (main is not None or look.main is None or name.family != look.main.family)
        and (not look.speaker.lab or not name.lab or name.lab == look.speaker.lab)
    ]
    if main is not None:
        own = [name for name in spoken if name.lab and name.lab == look.speaker.lab]
        if own and main.sort in {"presented", "camel"}:
            told = " ".join(word.text for word in summary).lower()
            if main.text.lower() not in told:  # "Big enough": a headline's joke
                return _written(own[0], look)
        if spoken and main.family and spoken[0].family == main.family:
            return _written(spoken[0], look)
        return _written(main, look)
    if spoken:
        return _written(spoken[0], look)
    # "Marlin: a world model" in a maker's feed: what stands before the colon.
    head = _quiet(re.split(r"[:,]| - |\s[发开推上]", look.title)[0].strip())
    head = _quiet(head)
    if head and len(head.split()) <= 4 and re.match(r"^[A-Z0-9]", head):
        return head
    slug = entry.url.rstrip("/").rsplit("/", 1)[-1]
    tidy = words_of(re.sub(r"(\d)-(?=\d\b)", r"\1.", slug).replace("-", " ").title())
    for name in names_in(tidy):
        if name.sort == "versioned":
            return name.text
    return ""


def lab_of(entry: Entry, look: Look, labs: Container[str]) -> str:
    """The key of the lab; "" where nothing says whose model it is."""
    main = None if _compared(look) else look.main
    own = look.speaker.lab
    named = ""
    for index in range(len(look.words)):
        named, _ = lab_at(look.words, index)
        if named and (main is not None or look.main is None or named != look.main.lab):
            break
    else:
        named = ""
    if own and look.speaker.voice != "platform":
        family = main.lab if main and main.sort in {"versioned", "bare"} else ""
        strong = family and main is not None and not FAMILIES[main.family].word
        if not (strong and family != own and own in {"nvidia", "windsurf"}):
            return own
    candidates = [main.lab if main else "", named, look.speaker.linked, own]
    if main is not None and main.family and FAMILIES[main.family].word and main.sort == "word":
        candidates = [named, look.speaker.linked, main.lab, own]
    return next((lab for lab in candidates if lab and (lab in labs or not labs)), "")


def kind_of(entry: Entry, look: Look) -> str:
    """What the model works with, in the terms of `Release.kind`."""
    name = look.main.text.lower() if look.main else ""
    for text in (name, look.title.lower()):
        for kind, pattern in _KINDS:
            if text and re.search(pattern, text):
                return kind
    return "language"


def open_weights_of(entry: Entry) -> bool | None:
    """Whether the entry says that the weights are open; None where it does not say."""
    text = f"{plain(entry.title)} {plain(entry.summary)}".lower()
    if _CLOSED.search(text):
        return False
    if _OPEN.search(text) or _HOSTED.search(entry.url.lower()):
        return True
    return None
