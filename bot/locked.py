"""The lock of the data folder: a bot has it while it runs, others while they change its files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import UserError


@contextmanager
def locked(
    folder: Path, taken: str, mend: str = "run this as the user that runs the bot"
) -> Iterator[None]:
    """Nobody else has the lock meanwhile; the folder is made where there is none.

    Raises UserError: `taken` where somebody has it, and with `mend` where it cannot be written.
    """
    from filelock import FileLock, Timeout  # most commands never need it

    lock = FileLock(folder / "aftershock.lock")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:  # a kind of OSError, so it comes first
        raise UserError(taken) from None
    except OSError as error:
        raise UserError(
            f"The data folder {folder} cannot be written ({error.strerror}); {mend}."
        ) from None
    try:
        yield
    finally:
        lock.release()
