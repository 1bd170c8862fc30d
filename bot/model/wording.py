"""How figures and dates read in every message: a true minus sign, dates a person reads."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUS = "−"


def percent(fraction: float, digits: int = 1) -> str:
    """A signed percentage with a true minus sign: -0.2075 → "−20.8%"."""
    text = f"{abs(fraction) * 100:.{digits}f}%"
    if not any(c in "123456789" for c in text):
        return text
    return (MINUS if fraction < 0 else "+") + text


def share(fraction: float, digits: int = 1) -> str:
    """An unsigned percentage: -0.137 → "13.7%"."""
    return f"{abs(fraction) * 100:.{digits}f}%"


def level(fraction: float) -> str:
    """A drawdown level as people name it: 0.10 → "−10%", 0.125 → "−12.5%"."""
    return f"{MINUS}{abs(fraction) * 100:g}%"


def price(value: float) -> str:
    """A price with two decimals and thousands separators: 6012.28 → "6,012.28"; under ten cents it
    has the four that exchanges quote: 0.015 → "0.0150".
    """
    return f"{value:,.4f}" if 0 < abs(value) < 0.1 else f"{value:,.2f}"


def day(value: date) -> str:
    """A date: "27 Jan 2025"."""
    return f"{value.day} {value:%b %Y}"


def weekday(value: date) -> str:
    """A date with its weekday: "Mon 27 Jan 2025"."""
    return f"{value:%a} {day(value)}"


def moment(value: datetime, zone: str = "UTC") -> str:
    """A moment in a time zone: "27 Jan 2025, 21:00 UTC", "28 Jan 2025, 05:00 Asia/Taipei"."""
    local = value if zone == "UTC" else value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {local:%H:%M} {zone}"


def clock_hours(start: int, end: int) -> str:
    """Minutes after midnight as hours of the day: (1320, 420) → "22:00–07:00"."""
    return f"{start // 60:02}:{start % 60:02}–{end // 60:02}:{end % 60:02}"


def span(value: timedelta) -> str:
    """A time span of whole minutes: "30 minutes", "1 hour and 30 minutes", "7 days"."""
    minutes = int(value.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    parts = [(days, "day"), (rest // 60, "hour"), (rest % 60, "minute")]
    return listing([count(number, noun) for number, noun in parts if number]) or "0 minutes"


def every(value: timedelta) -> str:
    """How often: "every 30 minutes", "every 90 minutes", "every hour", "every day"."""
    minutes = int(value.total_seconds() // 60)
    if minutes % 60 or minutes < 60:
        return "every minute" if minutes == 1 else f"every {count(minutes, 'minute')}"
    text = span(value)
    return "every " + (text.removeprefix("1 ") if text in ("1 hour", "1 day") else text)


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: (1, "symbol") → "1 symbol", (2, "symbol") → "2 symbols"."""
    return f"{number:,} {one if number == 1 else (many or one + 's')}"


def listing(items: list[str] | tuple[str, ...], joiner: str = "and") -> str:
    """A list in a sentence: "A, B and C"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joiner} {items[-1]}"


def sentence(text: str) -> str:
    """`text` as a sentence begins: the rest stays as it is."""
    return text[:1].upper() + text[1:]
