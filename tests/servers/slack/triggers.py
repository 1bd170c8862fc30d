"""trigger_ids: good for three seconds, once."""

from dataclasses import dataclass

from tests.servers.slack.clock import Clock
from tests.servers.slack.refusals import RefusedError

SECONDS = 3.0


@dataclass
class Trigger:
    """What somebody did, by which the app may open a dialog for them."""

    id: str
    user: str
    team: str
    at: float
    used: bool = False


class Triggers:
    """All of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Trigger] = {}

    def new(self, user: str, team: str) -> str:
        """A new one's id."""
        id_ = f"{self._clock.word()}.{self._clock.word()}.{self._clock.word().lower()}"
        self._all[id_] = Trigger(id_, user, team, self._clock.now())
        return id_

    def use(self, id_: str, team: str) -> Trigger:
        """Use one up."""
        trigger = self._all.get(id_)
        if trigger is None or trigger.team != team:
            raise RefusedError("invalid_trigger_id")
        if trigger.used:
            raise RefusedError("exchanged_trigger_id")
        if self._clock.now() - trigger.at > SECONDS:
            raise RefusedError("expired_trigger_id")
        trigger.used = True
        return trigger
