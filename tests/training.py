"""A small trainer: logistic regression on named features, in numpy and scipy."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

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
    # A row has a few dozen of thousands of features; the last column is the intercept.
    filled = [
        (place, index[key], value)
        for place, row in enumerate(rows)
        for key, value in row.items()
        if key in index
    ]
    filled += [(place, len(names), 1.0) for place in range(len(rows))]
    at, of, values = zip(*filled, strict=True)
    x = csr_array((values, (at, of)), shape=(len(rows), len(names) + 1))
    y = np.asarray(labels, dtype=float)
    w = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=float)
    penalty = np.full(x.shape[1], l2)
    penalty[-1] = 1e-3
    beta = np.zeros(x.shape[1])
    ahead = beta.copy()
    weighted = x.multiply(np.sqrt(w)[:, None]).tocsr()
    largest = svds(weighted, 1, v0=np.ones(min(x.shape)), return_singular_vectors=False)[0]
    step = 1.0 / (0.25 * float(largest) ** 2 + l2)
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
