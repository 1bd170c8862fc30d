"""What a surface is to the program once it is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.jobs import Job

if TYPE_CHECKING:  # imported once it is needed, while the surface connects
    from bot.delivery import GaveUp
    from bot.sending import Notifier


@dataclass(frozen=True, slots=True)
class Opened:
    """A surface while it is open: its name, whom to send by, what to run again and again, and whom
    to tell of channels that were given up.
    """

    surface: str
    notifier: "Notifier"
    jobs: Sequence[Job] = ()
    gave_up: "GaveUp | None" = None
