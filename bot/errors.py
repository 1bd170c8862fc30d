"""The three ways in which something can go wrong that is nobody's bug."""


class UserError(Exception):
    """Somebody asked for what cannot be; the message is one sentence that says what to do."""


class StorageError(UserError):
    """The database cannot be written; nothing of the transaction was kept."""


class SourceError(Exception):
    """A source of prices or releases failed; the last good value stands, with its age."""


class DeliveryError(Exception):
    """A platform refused a message.

    `permanent` is True when trying again cannot help (the channel is gone, access is missing).
    A time-out is not a DeliveryError: what became of that message is unknown.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
