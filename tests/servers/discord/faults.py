"""What goes wrong, on which requests, and how often."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal[
    "status", "status after", "cloudflare", "page", "cut short", "reset before", "reset after",
    "hang before", "hang after",
]  # fmt: skip
# Answers of 200 that are none of Discord's.
PAGES: dict[str, tuple[int, str, dict[str, str]]] = {
    "page": (200, "<html>Down for maintenance</html>", {}),
    "cut short": (200, '{"id": "1', {"Content-Type": "application/json"}),
}


@dataclass
class Fault:
    """One thing that goes wrong on requests that `route` matches.

    `route` is a pattern such as "POST /channels/*/messages"; the first `skip` matches are
    spared, the next `times` meet the fault (None: all of them). "reset" cuts the connection and
    "hang" never answers, before or after the request was acted upon; "status after" answers with
    the status although it was. "page" is a 200 of HTML, "cut short" one of broken JSON. `met`
    counts.
    """

    route: str
    kind: Kind
    status: int = 500
    code: int = 0
    times: int | None = 1
    skip: int = 0
    retry_after: float = 1.0
    met: int = 0
    spared: int = 0


@dataclass
class Faults:
    """The faults that are set; the first that matches and is not used up is met."""

    set: list[Fault] = field(default_factory=list)

    def meets(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, which counts as met."""
        for fault in self.set:
            if not fnmatchcase(f"{method} {path}", fault.route):
                continue
            if fault.spared < fault.skip:
                fault.spared += 1
            elif fault.times is None or fault.met < fault.times:
                fault.met += 1
                return fault
        return None
