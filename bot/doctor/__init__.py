"""`aftershock doctor` and `aftershock check-config`: what is wrong, and how to mend it."""

from bot.doctor.checking import check_config
from bot.doctor.examining import examine

__all__ = ["check_config", "examine"]
