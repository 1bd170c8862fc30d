"""What the formulas are checked against. It takes a second to import: only who uses it waits."""

from typing import Any


def stats() -> Any:
    """scipy.stats."""
    from scipy import stats

    return stats


def statsmodels() -> Any:
    """statsmodels.api."""
    import statsmodels.api

    return statsmodels.api
