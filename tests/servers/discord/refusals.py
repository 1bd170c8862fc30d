"""What Discord says when it refuses: its codes, its sentences, the shape of a form's mistakes."""

from collections.abc import Sequence
from typing import Any

SENTENCES = {
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    50109: "The request body contains invalid JSON.",
    160002: "Cannot reply without permission to read message history",
    160005: "Thread is locked",
}


class RefusedError(Exception):
    """A request that is answered with an error: HTTP status, Discord's code, perhaps details."""

    def __init__(self, status: int, code: int = 0, errors: dict[str, Any] | None = None) -> None:
        self.status = status
        fallback = {401: "401: Unauthorized", 404: "404: Not Found"}.get(status, "Error")
        self.body: dict[str, Any] = {"message": SENTENCES.get(code, fallback), "code": code}
        if errors is not None:
            self.body["errors"] = errors
        super().__init__(self.body)


class Form:
    """Collects what is wrong with a body; `close` raises 50035 where there is something."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def wrong(self, path: Sequence[str | int], code: str, message: str) -> None:
        """One mistake, at a path such as ("embeds", 0, "title")."""
        at = self._errors
        for step in path:
            at = at.setdefault(str(step), {})
        at.setdefault("_errors", []).append({"code": code, "message": message})

    def length(
        self, value: object, path: Sequence[str | int], most: int, *, least: int = 0
    ) -> None:
        """A text of `least` to `most` characters; None counts as absent where `least` is 0."""
        if value is None and not least:
            return
        if not isinstance(value, str):
            if value is None:
                self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
            else:
                self.wrong(path, "STRING_TYPE_CONVERT", "Could not interpret as string.")
        elif not least <= len(value) <= most:
            if least:
                text = f"Must be between {least} and {most} in length."
                self.wrong(path, "BASE_TYPE_BAD_LENGTH", text)
            else:
                text = f"Must be {most} or fewer in length."
                self.wrong(path, "BASE_TYPE_MAX_LENGTH", text)

    def count(
        self, values: Sequence[object], path: Sequence[str | int], most: int, *, least: int = 0
    ) -> None:
        """A list of `least` to `most` items."""
        if not least <= len(values) <= most:
            text = f"Must be between {least} and {most} in length."
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", text)

    def close(self) -> None:
        """Refuse the form if anything was wrong."""
        if self._errors:
            raise RefusedError(400, 50035, self._errors)
