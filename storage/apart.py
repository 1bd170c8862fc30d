"""Migrations in a process of their own: what Alembic imports is not held for as long as we run."""

import os
import subprocess
import sys

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DatabaseError

from storage.migrate import HEAD, migrate, revision

# What the process is told of ours: nothing that is secret but the URL, which goes by its input.
_KEPT = ("PATH", "HOME", "LANG", "TZ", "SYSTEMROOT")


def migrate_apart(url: str) -> None:
    """Upgrade the SQLite database at `url` unless it is current; blocking.

    Raises nothing: what fails there fails again in `migrate`, which everyone calls after it and
    which tells why.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or _is_current(url):
        return
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    subprocess.run(
        [sys.executable, "-m", "storage.apart"],
        input=url, text=True, env=kept, check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _is_current(url: str) -> bool:
    engine = create_engine(make_url(url).set(drivername="sqlite"))
    try:
        with engine.connect() as connection:
            return revision(connection) == HEAD
    except DatabaseError:
        return True  # `migrate` tells what is wrong
    finally:
        engine.dispose()


if __name__ == "__main__":
    migrate(sys.stdin.read())
