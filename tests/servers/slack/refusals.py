"""What Slack answers where it does not do what it is asked."""

from typing import Any


class RefusedError(Exception):
    """A method's error, "channel_not_found"; `more` goes into the body beside it."""

    def __init__(
        self, code: str, *, status: int = 200, retry_after: int | None = None, **more: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"ok": False, "error": self.code, **self.more}

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class NotOfferedError(Exception):
    """The test does what nobody could do in Slack: press what is not shown, leave out an input."""


def limited(seconds: float) -> RefusedError:
    """Too many requests; come back after so many seconds, rounded up."""
    return RefusedError("ratelimited", status=429, retry_after=max(1, -int(-seconds // 1)))


def invalid(code: str, faults: list[str]) -> RefusedError:
    """Arguments that are not in order, with what is wrong with them in words."""
    return RefusedError(
        code,
        errors=faults,
        response_metadata={"messages": [f"[ERROR] {each}" for each in faults]},
    )
