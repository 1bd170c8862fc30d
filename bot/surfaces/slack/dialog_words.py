"""What an answer says is wrong → the same of a dialog, by what its inputs say. Pure."""

import re

from bot.surfaces.slack.dialog_views import CONDITIONS

_EXAMPLE = re.compile(r", such as /alert add \S+ \S+ (\S+)\.$")
_MEMBERS = re.compile(r"members is about a basket, and (\S+) is not one; leave it out\.")
_REWORDED = {
    "once and repeat do not go together; leave one of them out.": "An alert that is removed once "
    "it was told cannot be told again; choose one of the two.",
}


def as_asked(sentence: str) -> str:
    """A mistake in the words of the dialog: of no command, and of no option by its name."""
    told = _REWORDED.get(sentence, sentence)
    told = _MEMBERS.sub(r"\1 is not a basket: it has no stocks of its own; untick this.", told)
    told = _EXAMPLE.sub(r", such as \1.", told)
    condition, space, rest = told.partition(" ")
    if space and condition in CONDITIONS:
        return f"“{CONDITIONS[condition]}” {rest}"
    return told
