"""Which model is meant by what catalogues and lists of prices call it. Pure.

They write owners before names ("deepseek/deepseek-r1"), routes ("accounts/fireworks/models/"),
and behind them how it is served ("-Instruct-Turbo", "-FP8", "-v1:0"): none of it is the model.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.model.rate import Key
from bot.releases.lab_names import lab_key, lab_of
from bot.releases.models import load_models
from bot.releases.shipped import load_labs

# Owners that catalogues have beside those that are known as names of labs.
_OWNERS = {"z-ai": "zai", "zai-org": "zai", "thudm": "zai", "x-ai": "xai", "meta-models": "meta"}
_ROUTE = re.compile(
    r"^(accounts/\w+/models/|@\w+/|workers-ai/|databricks-|(us|eu|ap|apac|au|jp|global)\.(?=\w+\.))"
)
# "anthropic.claude-opus-4": an owner as one cloud writes it.
_DOTTED = re.compile(r"^([a-z]\w+)\.(?=[a-z])")
# How it is served, or which of its prints; stripped from the end, one after the other.
_SERVED = re.compile(
    r"[-_ @](instruct|instruct-turbo|it|chat|fp8|fp4|nvfp4|awq|bf16|int4|maas|versatile|instant|"
    r"reference|preview|hf|original|v1:\d|v1|v2:0|default|\d{2}-\d{4}|(0[1-9]|1[0-2])[0-3]\d)$"
    r"|(?<=\d)-0$|@\d{8}$",
    re.IGNORECASE,
)
# "deepseek-v3p2" and "llama-v3.1": a point and a letter as hosts write them.
_POINT = re.compile(r"(?<=\d)p(?=\d)")
_META = re.compile(r"^meta-", re.IGNORECASE)
_V = re.compile(r"\bv(?=\d)", re.IGNORECASE)
# Other products at other prices, which their hosts write behind a colon.
_VARIANT = re.compile(
    r":(free|extended|thinking|beta|nitro|online|floor|exacto|batch)$", re.IGNORECASE
)
# Names that lead from model to model.
_MOVING = re.compile(r"(^~|^openrouter/|(-|\b)latest(-|$)|^auto$)", re.IGNORECASE)
_ALIASES = frozenset(
    {"deepseek-chat", "deepseek-reasoner"}
    | {"mistral-large", "mistral-medium", "mistral-small", "mistral-tiny"}
)


def moves(text: str) -> bool:
    """Whether it is a name that leads to one model after another, and so is no model's."""
    return bool(_MOVING.search(text)) or _bare(text).lower() in _ALIASES


@lru_cache(maxsize=8192)
def key_called(lab: str, text: str) -> Key | None:
    """The model of models.csv that `text` means; of that lab, or with "" of the one that it shows.

    None for names that move, for free or special variants, and for what is not known.
    """
    if moves(text) or _VARIANT.search(text):
        return None
    made = lab or made_by(text)
    for reading in _readings(_bare(text)):
        found = {m.lab: (m.lab, m.name) for m in reversed([*load_models().spelt(reading)])}
        if made and made in found:
            return found[made]
        if not made and len(found) == 1:
            return next(iter(found.values()))
    return None


@lru_cache(maxsize=8192)
def made_by(text: str) -> str:
    """The key of the lab whose model `text` is, by its owner or its family; "" where unknown."""
    labs = load_labs()
    owner = _owner(text)
    if owner:
        return _OWNERS.get(owner.lower()) or lab_key(owner, labs)
    return lab_of(re.sub(r"[-_]", " ", _bare(text)), labs)


def _readings(name: str) -> Iterator[str]:
    """As it is; then with one ending after another left out."""
    seen = name
    while True:
        forms = (seen, _POINT.sub(".", seen), _V.sub("", seen), _META.sub("", seen))
        yield from dict.fromkeys(forms)
        shorter = _SERVED.sub("", seen)
        if shorter == seen or not shorter:
            return
        seen = shorter


def _bare(text: str) -> str:
    """Without route and owner."""
    text = _ROUTE.sub("", text.strip())
    text = _DOTTED.sub("", text)
    return text.rsplit("/", 1)[-1]


def _owner(text: str) -> str:
    text = _ROUTE.sub("", text.strip())
    owner, slash, _ = text.rpartition("/")
    if slash:
        return owner.rsplit("/", 1)[-1]
    dotted = _DOTTED.match(text)
    return dotted[1] if dotted else ""
