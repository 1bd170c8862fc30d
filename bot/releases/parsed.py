"""What reading a body gives."""

from dataclasses import dataclass

from bot.model.feed import Entry, FeedKind

# More than any feed here has ever had; OpenAI's holds all its history in 827.
ENTRIES = 5000


@dataclass(frozen=True, slots=True)
class Parsed:
    """The entries of a body in its order, its title, its dialect, and what was odd, in words.

    `kind` is which list of models it is, seen from its shape; FEED where it is none.
    """

    entries: tuple[Entry, ...]
    title: str
    dialect: str
    notes: tuple[str, ...] = ()
    kind: FeedKind = FeedKind.FEED
