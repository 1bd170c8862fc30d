"""Which sources the settings use: how another one did once is no news of today. Pure."""

from bot.costs.catalog import SOURCE as CATALOG
from bot.costs.listed import MODELS_DEV, OPENROUTER
from bot.market.yahoo_shapes import SOURCE as YAHOO
from bot.services import Services
from storage.backup import BACKUP


def in_use(services: Services) -> frozenset[str]:
    """The names under which health is kept of what the program asks, or does, at present."""
    settings = services.settings
    found = {services.history.name}
    if services.quotes is not None:
        found |= {f"{services.quotes.name} quotes", f"{services.quotes.name} estimates"}
    if settings.market.source == "yahoo" and settings.yahoo.stream:
        found.add(f"{YAHOO} stream")
    if settings.prices.enabled:
        found |= {MODELS_DEV, OPENROUTER}
        if settings.prices.refresh_catalog:
            found.add(CATALOG)
    if settings.storage.backups:
        found.add(BACKUP)
    return frozenset(found)
