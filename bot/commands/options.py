"""Options that several commands take."""

from bot.model.command import Kind, Option

WINDOWS = ("1m", "3m", "6m", "1y", "2y", "3y", "5y", "max")

LAB = Option("lab", Kind.NAME, "one lab only, such as DeepSeek")

OPEN_ONLY = Option("open_only", Kind.YES_NO, "open weights only", default=False)
