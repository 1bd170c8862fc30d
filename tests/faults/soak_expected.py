"""What a channel must be told in a soak, reckoned from the world alone, by none of our code."""

import re
from collections.abc import Mapping
from datetime import timedelta

from bot.market.calendar import NEW_YORK, session_close
from tests.faults.soak_world import Market, instants, releases

# As the settings have it: a year's sessions, five closes two points shallower.
_SESSIONS, _CLOSES, _BAND = 252, 5, 0.02


# What the world releases, and nobody else.
SERIES = re.compile(r"GPT-([6-9]|\d\d)\.")


def news(days: int) -> list[str]:
    """The models that are released within so many days and heard of by their end."""
    *_earlier, end = instants(days)
    return [model for _at, model in releases(end)]


def falls(market: Market, levels: Mapping[str, int], days: int) -> list[tuple[str, str]]:
    """Each symbol and day on which its price reaches so many percent below its highest close of a
    year; again only once five closes in a row were two points shallower, or one is the highest.
    """
    found = []
    for name, percent in levels.items():
        armed, shallow, level = True, 0, percent / 100
        closes = market.closes[name]
        for now in instants(days):
            over = market.closed(now)
            today = market.days[over - 1] if market.ends[over - 1].date() == now.date() else None
            opens = market.days[over] == now.date() and now.minute % 30 != 0
            if today is None and not opens:
                continue
            price, at, _before = market.price(name, now)
            day = today or at.date()
            place = market.days.index(day)
            past = [closes[one] for one in market.days[max(0, place - _SESSIONS + 1) : place]]
            depth = price / max(*past, price) - 1
            if armed and depth <= -level:
                armed, shallow = False, 0
                found.append((name, day.isoformat()))
            elif not armed and now == session_close(NEW_YORK, day) + timedelta(minutes=70):
                shallow = shallow + 1 if depth >= _BAND - level else 0
                armed = shallow == _CLOSES or price > max(past)
    return sorted(found)
