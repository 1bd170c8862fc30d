"""One request as the routes see it, and which function answers which path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.servers.discord.messages import Upload
from tests.servers.discord.refusals import RefusedError

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer


@dataclass
class Call:
    """A request: the numbers in its path in order, the token in it, its query and its body."""

    ids: list[int]
    token: str
    query: Mapping[str, str]
    body: Any
    uploads: list[Upload]
    arrived: float

    def fields(self) -> dict[str, Any]:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise RefusedError(400, 50109)
        return self.body


Answer = Callable[["DiscordServer", Call], Any]


@dataclass(frozen=True)
class Route:
    """`name` for its bucket; `exempt` from the limit over all and from the bot's token."""

    name: str
    answer: Answer
    exempt: bool


ROUTES: dict[str, Route] = {}


def route(shape: str, name: str = "", *, exempt: bool = False) -> Callable[[Answer], Answer]:
    """Say what a function answers: "GET channels/#/messages", with # for an id, $ for a token.

    The function returns what is sent as JSON, or None for an empty answer (204).
    """

    def add(answer: Answer) -> Answer:
        ROUTES[shape] = Route(name or shape, answer, exempt)
        return answer

    return add


def shaped(method: str, path: str) -> tuple[str, list[int], str]:
    """A path's shape, its ids, its token: of "/webhooks/1/abc/messages/2", [1, 2] and "abc"."""
    steps = path.strip("/").split("/")
    ids, token = [], ""
    for index, step in enumerate(steps):
        if index == 2 and steps[0] in ("webhooks", "interactions"):
            token, steps[index] = step, "$"
        elif step.isdigit():
            ids.append(int(step))
            steps[index] = "#"
    return f"{method} {'/'.join(steps)}", ids, token
