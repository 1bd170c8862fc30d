"""Few costly questions a minute, for the tests that ask more."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.model.allowance import Allowance
from bot.services import Services


@contextmanager
def limited(services: Services, most: int) -> Iterator[None]:
    """From now on at most so many a minute, and nobody has asked yet; as it was afterwards."""
    before = services.settings, services.asked
    limits = services.settings.limits.model_copy(update={"costly_per_minute": most})
    own = services.__dict__
    own["settings"] = services.settings.model_copy(update={"limits": limits})
    own["asked"] = Allowance()
    try:
        yield
    finally:
        own["settings"], own["asked"] = before
