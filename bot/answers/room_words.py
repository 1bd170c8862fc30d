"""How /room reads: what linking did, and how far it is. Pure."""

from bot.answers.shared import Delta, Kept
from bot.model.receiver import Receiver
from bot.model.room import Room, called
from bot.model.wording import count, sentence

UNREACHABLE = "That channel cannot be told anything at present."
STAYS = "Each keeps its own time zone, quiet hours, cap and whom it mentions."


def linked_text(got: Delta, gave: Delta, mine: Kept) -> str:
    """What linking did: what a channel got and gave, and what of its own stays there."""
    lines = [
        f"This channel got {_more(got)} from there; the other got {_more(gave)} from here.",
        f"What changes in one from now on changes in both. {STAYS}",
    ]
    if mine.staying:
        verb = "stays" if mine.staying == 1 else "stay"
        lines.append(
            f"{sentence(things(mine.staying))} on a basket of your own {verb} here: the other "
            "side does not have it."
        )
    return "\n".join([*lines, "End it with /room leave."])


def _more(found: Delta) -> str:
    added, silenced = len(found.added), len(found.silenced)
    parts = [things(added)] if added else []
    parts += [count(silenced, "silence")] if silenced else []
    return " and ".join(parts) or "nothing new"


def things(number: int) -> str:
    """ "1 alert or subscription", "2 alerts and subscriptions"."""
    return count(number, "alert or subscription", "alerts and subscriptions")


def waiting(asked: Room, here: Receiver) -> str:
    """How far a link is, of which nobody has said yes yet."""
    if asked.joiner is None:
        return "Nobody has given this channel's code yet"
    if asked.joiner.id == here.id:
        return f"{called(asked.inviter)} has not confirmed yet"
    return f"{called(asked.joiner)} asks to be linked; type /room confirm to agree"
