"""A small trainer: logistic regression on named features, in numpy."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

Features = Mapping[str, float]


def train(
    rows: Sequence[Features],
    labels: Sequence[bool],
    *,
    weights: Sequence[float] | None = None,
    l2: float = 1.0,
    at_least: int = 2,
    rounds: int = 400,
) -> dict[str, float]:
    """Weights by feature, with the intercept under "". Deterministic."""
    counts = Counter(key for row in rows for key in row)
    names = sorted(key for key, count in counts.items() if count >= at_least)
    index = {name: place for place, name in enumerate(names)}
    x = np.zeros((len(rows), len(names) + 1))
    x[:, -1] = 1.0
    for place, row in enumerate(rows):
        for key, value in row.items():
            if key in index:
                x[place, index[key]] = value
    y = np.asarray(labels, dtype=float)
    w = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=float)
    penalty = np.full(x.shape[1], l2)
    penalty[-1] = 1e-3
    beta = np.zeros(x.shape[1])
    ahead = beta.copy()
    step = 1.0 / (0.25 * float(np.linalg.norm(x * np.sqrt(w)[:, None], 2)) ** 2 + l2)
    momentum = 1.0
    for _ in range(rounds):
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ ahead, -30, 30)))
        new = ahead - step * (x.T @ (w * (chance - y)) + penalty * ahead)
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = new + (momentum - 1) / following * (new - beta)
        beta, momentum = new, following
    found = {name: float(beta[place]) for name, place in index.items()}
    found[""] = float(beta[-1])
    return found


def score(weights: Mapping[str, float], row: Features) -> float:
    """The log-odds that a row is a release."""
    return weights[""] + sum(weights.get(key, 0.0) * value for key, value in row.items())
