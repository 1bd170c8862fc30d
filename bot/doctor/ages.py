"""How a source did before, as the database has it. Pure."""

from datetime import datetime

from bot.model.trust import Health
from bot.model.wording import moment, span


def before(health: Health | None, now: datetime) -> str:
    """In words that follow others: "; last good answer 3 hours ago", or "" where none is known."""
    if health is None:
        return ""
    said = ""
    if health.ok_at is not None:
        said += f"; last good answer {ago(health.ok_at, now)}"
    if health.failures and health.failing_since is not None:
        said += f"; the bot has had none since {moment(health.failing_since)}"
    return said


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in its two largest units at most: "1 hour and 3 minutes ago"."""
    if at > now:
        return "in the future"
    passed = now - at
    if passed.days >= 2:
        return f"{passed.days:,} days ago"
    return f"{span(passed)} ago"
