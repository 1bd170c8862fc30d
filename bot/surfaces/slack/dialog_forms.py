"""What was entered in a dialog → a command, or a mistake at its own field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.commands import command_of
from bot.errors import UserError
from bot.model.command import Command
from bot.parsing import Parsed, read_options
from bot.surfaces.slack import names
from bot.surfaces.slack.dialog_parts import CHANNEL
from bot.surfaces.slack.dialog_views import (
    DIGEST,
    DRAWDOWN,
    FRONTIER,
    KIND,
    NEVER,
    PRICES,
    RELEASES,
    USUAL,
)
from bot.surfaces.slack.dialog_words import as_asked

# Boxes stand together in one input.
_BLOCKS = {"once": "how", "members": "how", "open_only": "which", "rumours": "which"}
# How the sentences of an answer begin or what they speak of, and the option that they are about.
_ABOUT = (
    ("This channel ", CHANNEL),
    ("A channel ", CHANNEL),
    ("members ", "members"),
    ("once and repeat ", "repeat"),
    ("at ", "at"),
    ("There is no basket ", "basket"),
    ("benchmarks ", "basket"),
)
_OF_LEVELS = (" level", "needs a figure", "without the minus")


class EntryError(UserError):
    """A mistake in what was entered, to be shown beside the input `block`."""

    def __init__(self, block: str, sentence: str) -> None:
        super().__init__(sentence)
        self.block = block


@dataclass(frozen=True, slots=True)
class Form:
    """A command, what was entered for its options, and the channel that it is for ("": none)."""

    command: Command
    texts: Mapping[str, str]
    channel: str

    def read(self) -> Parsed:
        """The command with typed options. Raises EntryError at the first that cannot be read."""
        options = self.command.options
        for count, option in enumerate(options, 1):
            try:  # an option may be read by what an earlier one says
                read_options(replace(self.command, options=options[:count]), self.texts)
            except UserError as error:
                raise EntryError(block_of(option.name), str(error)) from None
        return Parsed(self.command, read_options(self.command, self.texts))

    def refused(self, error: UserError) -> EntryError:
        """What the answer refused, at the input that it is about."""
        sentence = str(error)
        return EntryError(block_of(_about(sentence, self.command)), as_asked(sentence))


def form_of(callback: str, texts: Mapping[str, str]) -> Form:
    """The form of a dialog by its callback id; `texts` by option, as entered."""
    if callback == names.ALERT_DIALOG:
        command = command_of("alert", "add")
        unset = {"expires": NEVER, "repeat": NEVER, "window": USUAL}
        if texts.get("condition", DRAWDOWN) != DRAWDOWN:  # all else has none, as its hint says
            unset["window"] = texts.get("window", "")
    elif texts.get(KIND) == DIGEST:
        command, unset = command_of("subscribe", "digest"), {}
    else:
        kind = PRICES if texts.get(KIND) == PRICES else RELEASES
        command, unset = command_of("subscribe", kind), {"labs": FRONTIER}
    given = {
        option.name: texts[option.name]
        for option in command.options
        if option.name in texts and texts[option.name] != unset.get(option.name)
    }
    return Form(command, given, texts.get(CHANNEL, ""))


def block_of(option: str) -> str:
    """The input in which an option is asked for."""
    return _BLOCKS.get(option, option)


def _about(sentence: str, command: Command) -> str:
    asked = {option.name for option in command.options} | {CHANNEL}
    for beginning, option in _ABOUT:
        if sentence.startswith(beginning) and option in asked:
            return option
    if "levels" in asked and any(words in sentence for words in _OF_LEVELS):
        return "levels"
    return next((name for name in ("target", "labs", "basket") if name in asked), CHANNEL)
