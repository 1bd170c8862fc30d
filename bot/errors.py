"""The ways in which something can go wrong that is nobody's bug."""


class UserError(Exception):
    """Somebody asked for what cannot be; the message is one sentence that says what to do."""


class TokenRefused(UserError):  # noqa: N818 - it says what is so
    """A platform refuses its token at the start; the message names the variable to set."""

    def __init__(self, message: str, surface: str) -> None:
        super().__init__(message)
        self.surface = surface


class StorageError(UserError):
    """The database cannot be written; nothing of the transaction was kept."""


class SourceError(Exception):
    """A source of prices or releases failed; the last good value stands, with its age.

    `after` is how many seconds the source asked to be left alone. `refused` is True where it was
    never asked, or no further, because its address or answer may not be used at all: trying again
    cannot help. `status` is what it answered with (0 where it gave no answer).
    """

    def __init__(
        self,
        message: str = "",
        *,
        after: float | None = None,
        refused: bool = False,
        status: int = 0,
    ) -> None:
        super().__init__(message)
        self.after = after
        self.refused = refused
        self.status = status


class DeliveryError(Exception):
    """A platform refused a message.

    `permanent` is True when trying again cannot help (the channel is gone, access is missing).
    `blames` is False where the receiver is not at fault (the message to edit was deleted, or is
    too long), so that it is not given up for that. `after` is how many seconds the platform asked
    to wait, having taken nothing: that was no try, and nothing has to be looked for.
    A time-out is not a DeliveryError: what became of that message is unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        blames: bool = True,
        after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.blames = blames
        self.after = after


class SurfaceStopped(Exception):  # noqa: N818 - it says what is so, not who erred
    """A platform takes nothing more from the bot at all: its token was refused, it is banned.

    The message is one sentence that says what to do. `seconds` is how long that lasts, None where
    it lasts until somebody has done it. No message and no receiver is to blame.
    """

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds
