"""What is slow the first time, done once where processes are forked off, before any of them."""

from datetime import date

from bot.app import release_facts
from bot.cards.charts import underwater_png
from bot.market.calendar import NEW_YORK, load
from bot.model.card import UnderwaterChart

_DAYS = date(2025, 1, 2), date(2025, 1, 3)

load([NEW_YORK])
release_facts()
underwater_png(
    UnderwaterChart("A", _DAYS, (1.0, 2.0), (2.0, 2.0), (0.1,), "USD", "", "test"), dark=False
)
