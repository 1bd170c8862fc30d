"""The trained weights of `detect`, read from what is shipped, and how to score with them."""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def shipped_weights() -> Mapping[str, float]:
    """Weights by feature; the intercept is under ""."""
    text = files("bot.shipped").joinpath("detect_weights.json").read_text(encoding="utf-8")
    return {str(key): float(value) for key, value in json.loads(text)["weights"].items()}


def log_odds(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The log-odds that an entry with these features is a release."""
    return weights[""] + sum(
        weights[key] * value for key, value in features.items() if key in weights
    )


def chance(odds: float) -> float:
    """A chance between 0 and 1 from log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))
