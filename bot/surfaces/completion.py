"""What the prompt offers while a line is typed: commands, what they take, and what is known."""

from collections.abc import Iterable, Iterator, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.commands import COMMANDS
from bot.model.command import Command, Kind, Option
from bot.model.receiver import Receiver
from bot.surfaces.names import Names


class LineCompleter(Completer):
    """Completes a command, its subcommand, then values and names of its options.

    Words are split at spaces, so that "/dr", "/" and "dr" complete alike. `names` is read at each
    key, and may change meanwhile; nothing here asks the database.
    """

    def __init__(self, names: Names, place: Receiver) -> None:
        self._names = names
        self._place = place

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterator[Completion]:
        """What may stand for the word before the cursor."""
        *done, current = document.text_before_cursor.split(" ")
        words = [word for word in done if word]
        if not words:
            yield from _matching(current, _commands(), typed=current.lstrip("/"))
            return
        group = [c for c in COMMANDS if c.path[0] == words[0].lower().lstrip("/")]
        if group and len(group[0].path) > 1 and len(words) == 1:
            yield from _matching(current, {c.path[1]: c.summary for c in group})
            return
        command = next((c for c in group if list(c.path[1:]) == _sub(c, words)), None)
        if command is not None:
            yield from self._options(command, words[len(command.path) :], current)

    def _options(self, command: Command, done: list[str], current: str) -> Iterator[Completion]:
        named = {word.partition("=")[0].lower() for word in done if "=" in word}
        free = [word for word in done if "=" not in word]
        name, equals, text = current.partition("=")
        if equals:
            chosen = [o for o in command.options if o.name == name.lower()]
            for option in chosen:
                yield from self._values(command, option, text)
            return
        left = [option for option in command.options if option.name not in named]
        if len(free) < len(left):
            yield from self._values(command, left[len(free)], current)
        offered = {f"{o.name}=": o.help for o in left[len(free) :]}
        yield from _matching(current, offered)

    def _values(self, command: Command, option: Option, text: str) -> Iterator[Completion]:
        if option.kind in (Kind.SYMBOLS, Kind.NAMES):
            text = text.rpartition(",")[2]
        yield from _matching(text, self._known(command, option))

    def _known(self, command: Command, option: Option) -> Mapping[str, str]:
        """The values that `option` may have, as they are typed."""
        if option.kind is Kind.FIGURES:
            return {}  # they depend on a condition that may not be typed yet
        found = self._names.values(command, option, self._place)
        if option.kind is Kind.WORDS:
            return found
        return {
            f'"{one}"'
            if " " in one and one.partition(" ")[0] not in option.prefixes
            else one: meaning
            for one, meaning in found.items()
        }


def _sub(command: Command, words: list[str]) -> list[str]:
    return [word.lower() for word in words[1 : len(command.path)]]


def _commands() -> dict[str, str]:
    """Every first word, with what its command or commands are for."""
    found: dict[str, str] = {}
    for command in COMMANDS:
        name = f"/{command.path[0]}"
        if len(command.path) == 1:
            found[name] = command.summary
        else:
            found[name] = ", ".join(c.path[1] for c in COMMANDS if c.path[0] == command.path[0])
    return {**found, "exit": "leave"}


def _matching(
    word: str, offered: Mapping[str, str], *, typed: str | None = None
) -> Iterable[Completion]:
    """Those of `offered` that begin with the word; or, of symbols, whose name does."""
    start = (word if typed is None else typed).lower().lstrip('"')
    for text, meaning in offered.items():
        if text.lower().lstrip('/"').startswith(start) or (
            start and text.isupper() and meaning.lower().startswith(start)
        ):
            yield Completion(text, -len(word), display_meta=meaning)
