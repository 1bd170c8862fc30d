"""Which of what can be named fits what somebody has typed so far. Pure."""

from collections.abc import Mapping


def matching(text: str, offered: Mapping[str, str], most: int) -> list[tuple[str, str]]:
    """At most `most` of what is offered that fit what was typed, the best first.

    First come names that begin with it, then those whose meaning does, then a word of their
    meaning, then those that have it anywhere.
    """
    typed = text.strip().lower()
    if not typed:
        return list(offered.items())[:most]
    ranks: tuple[list[tuple[str, str]], ...] = ([], [], [], [])
    for name, meaning in offered.items():
        low, what = name.lower(), meaning.lower()
        if low.startswith(typed):
            ranks[0].append((name, meaning))
        elif what.startswith(typed):
            ranks[1].append((name, meaning))
        elif f" {typed}" in what:
            ranks[2].append((name, meaning))
        elif typed in low or typed in what:
            ranks[3].append((name, meaning))
    return [one for rank in ranks for one in rank][:most]
