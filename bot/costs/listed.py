"""Price lists of models.dev and OpenRouter, line by line. Pure.

models.dev has dollars per million tokens by provider and model, and dearer tiers for long requests;
OpenRouter has dollars per token, written as text. What is no price is left out: "-1" where it
varies, nothing at all where a plan or a trial pays, text, and what no one would ask.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from bot.errors import SourceError
from bot.model.asked import Asked
from bot.model.rate import Terms

MODELS_DEV = "models.dev"
OPENROUTER = "OpenRouter"
# Providers of models.dev that are labs, or that genai-prices calls something else.
_PROVIDERS = {
    "moonshotai": "moonshot", "llama": "meta", "stepfun-ai": "stepfun",
    "togetherai": "together", "fireworks-ai": "fireworks", "novita-ai": "novita",
    "amazon-bedrock": "aws", "cloudflare-workers-ai": "cloudflare",
}  # fmt: skip
# A price above it is a mistake: the dearest that was ever asked is 600.
_DEAREST = Decimal(100_000)
_MILLION = Decimal(1_000_000)
_LONGEST, _LONGEST_PROVIDER, _MOST = 200, 64, 30_000
# What does not show, or turns what stands beside it round.
_ODD = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff]"
)
# A title is shown in messages: it is written as names of models are, and no longer than one.
_TITLE = re.compile(r"(?!.*(?:://|www\.))\w[\w .+:()/&,’'-]{0,79}")


def read_models_dev(data: Any) -> list[Asked]:
    """The lines of models.dev's api.json; raises SourceError where it has another shape."""
    if not isinstance(data, dict):
        raise SourceError("JSON, but not in the shape of models.dev")
    found: dict[tuple[str, str, Terms], Asked] = {}
    for provider, row in data.items():
        models = row.get("models") if isinstance(row, dict) else None
        seller = _PROVIDERS.get(provider, provider)
        if not isinstance(models, dict) or not _is_name(seller, _LONGEST_PROVIDER):
            continue
        for named, model in models.items():
            if isinstance(model, dict) and isinstance(cost := model.get("cost"), dict):
                for one in _lines(seller, named, _title(model), cost):
                    found.setdefault((one.provider, one.named, one.terms), one)
    return _enough(found, MODELS_DEV)


def read_openrouter(data: Any) -> list[Asked]:
    """The lines of OpenRouter's list; raises SourceError where it has another shape.

    Its names that lead to other models ("~openai/gpt-latest", "openrouter/auto") are none.
    """
    rows = data.get("data") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise SourceError("JSON, but not in the shape of OpenRouter's list of models")
    found: dict[tuple[str, str, Terms], Asked] = {}
    for row in rows:
        pricing = row.get("pricing") if isinstance(row, dict) else None
        if not isinstance(pricing, dict):
            continue
        named = row.get("id")
        if not _is_name(named, _LONGEST) or named.startswith(("~", "openrouter/")):
            continue
        prices = (
            _per_token(pricing.get(meter)) for meter in ("prompt", "input_cache_read", "completion")
        )
        one = _line(OPENROUTER, "openrouter", named, _title(row), Terms(), *prices)
        if one is not None:
            found.setdefault((one.provider, named, one.terms), one)
    return _enough(found, OPENROUTER)


def _lines(seller: str, named: Any, title: str, cost: Mapping[str, Any]) -> Iterator[Asked]:
    """The usual price of a model, and that of each tier of long requests."""
    if not _is_name(named, _LONGEST):
        return
    tiers = cost.get("tiers")
    steps: list[tuple[int, Mapping[str, Any]]] = [(0, cost)]
    for one in tiers if isinstance(tiers, list) else ():
        tier = one.get("tier") if isinstance(one, dict) else None
        size = tier.get("size") if isinstance(tier, dict) else None
        if isinstance(size, int) and not isinstance(size, bool) and 0 < size < 10**9:
            steps.append((size, one))
    for over, row in steps:
        prices = (_price(row.get(meter)) for meter in ("input", "cache_read", "output"))
        one = _line(MODELS_DEV, seller, named, title, Terms(over=over), *prices)
        if one is not None:
            yield one


def _line(
    source: str,
    provider: str,
    named: str,
    title: str,
    terms: Terms,
    asked: Decimal | None,
    cached: Decimal | None,
    answered: Decimal | None,
) -> Asked | None:
    """A line whose input and output are both known and not both free, else None."""
    if asked is None or answered is None or not (asked or answered):
        return None
    return Asked(source, provider, named, terms, asked, cached, answered, title)


def _enough(found: Mapping[Any, Asked], source: str) -> list[Asked]:
    if not found:
        raise SourceError(f"{source} lists no price")
    return list(found.values())[:_MOST]


def _price(value: Any) -> Decimal | None:
    """Dollars per million tokens from a number; text is no price here."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return _plausible(Decimal(str(value)))


def _per_token(value: Any) -> Decimal | None:
    """Dollars per million tokens from dollars per token, which are text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        return _plausible(Decimal(str(value)[:40]) * _MILLION)
    except ArithmeticError:
        return None


# Adding nought writes 40 for 4E+1.
def _plausible(value: Decimal) -> Decimal | None:
    return value.normalize() + 0 if value.is_finite() and 0 <= value < _DEAREST else None


def _is_name(value: Any, longest: int) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= longest and not _ODD.search(value)


def _title(row: Mapping[str, Any]) -> str:
    """The name for people: "DeepSeek: R1" is R1 by DeepSeek; "" where it does not look like one."""
    name = row.get("name")
    if not isinstance(name, str) or not _is_name(name, _LONGEST):
        return ""
    title = name.partition(": ")[2] or name
    return title if _TITLE.fullmatch(title) else ""
