"""The whole program, as `aftershock run` begins it, in a process of its own with its own log."""

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot import __main__, hearing, on_discord, on_slack, watching  # noqa: F401 - before the fork
from bot.__main__ import main
from bot.hearing import Hearing
from bot.jobs import Job, every
from bot.model.feed import Feed, FeedKind, Voice
from bot.releases import pace

FEED = "openai-news"


def program(
    folder: Path, environ: Mapping[str, str], arguments: tuple[str, ...] = ("run",),
    uid: int | None = None,
) -> None:  # fmt: skip
    """Run the command line with its output in `folder`/out and `folder`/log.

    `feed` of the environment is the address of the only feed that ships; it is looked at each
    second. A file `folder`/read-only makes SQLite refuse to write; while `folder`/no-names is there
    no look-up of a name ends. `uid` is who runs it.
    """
    for stream, name in ((1, "out"), (2, "log")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = (
        open(0), open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    )  # fmt: skip
    for name in [name for name in os.environ if name.startswith("AFTERSHOCK_")]:
        del os.environ[name]
    os.environ.update({"XDG_CONFIG_HOME": str(folder), **environ})
    feed = os.environ.pop("feed", "")
    hearing.load_feeds = lambda: _shipped(feed)  # type: ignore[attr-defined, assignment]
    hearing.job = _each_second
    pace.FASTEST = timedelta(seconds=1)
    _refuse_while(folder / "read-only")
    _look_nothing_up_while(folder / "no-names")
    _say_when_it_may_be_stopped(folder / "stoppable")
    if uid is not None:
        os.setgid(uid)
        os.setuid(uid)
    try:
        main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _say_when_it_may_be_stopped(flag: Path) -> None:
    """That file is there once signals are the program's own: before, they are Python's."""
    heed = __main__._end_on_signals

    @contextmanager
    def heeded() -> Iterator[None]:
        with heed():
            with suppress(PermissionError):  # somebody else runs it
                flag.touch()
            yield

    __main__._end_on_signals = heeded


def _shipped(url: str) -> dict[str, Feed]:
    if not url:
        return {}
    one = Feed(FEED, FeedKind.FEED, Voice.LAB, url, "OpenAI news", "openai", interval=1)
    return {FEED: one}


def _each_second(heard: Hearing) -> Job:
    return Job("feeds", heard.look, every(1), grace_seconds=60, max_instances=8)


def _look_nothing_up_while(flag: Path) -> None:
    """While that file is there look-ups of names hang, as where the name server drops them."""
    look_up = socket.getaddrinfo

    def waits(host: Any, *more: Any, **named: Any) -> Any:
        while host in ("localhost", b"localhost") and flag.exists():
            time.sleep(0.05)
        return look_up(host, *more, **named)

    socket.getaddrinfo = waits


def _refuse_while(flag: Path) -> None:
    """While that file is there SQLite writes nothing, as where a disk became read-only."""

    @event.listens_for(Engine, "begin")
    def begin(connection: Any) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA query_only={int(flag.exists())}")
        cursor.close()
