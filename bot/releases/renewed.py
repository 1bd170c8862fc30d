"""A new model under an old name: when a lab says that it has one. Pure."""

import re
from datetime import timedelta

# Within this time, another source of the same release; after it, old news or a new model.
SAME = timedelta(days=21)
_RENEWED = re.compile(
    r"(?i)\b(?:new|updated?|upgraded?|upgrading|improved|refreshed|series|family|open release"
    r"|open[- ]sourc\w+)\b|更新|升级|正式版|新版|开源"
)


def renewed(title: str) -> bool:
    """Whether a title calls something new, though perhaps not its name."""
    return _RENEWED.search(title) is not None
