"""The groups of the table, each measured in a process of its own, so that none warms the next."""

from collections.abc import Iterator
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.bench.rows import Row

# By name, the module that measures it.
GROUPS = {
    "fan-out": "fanout",
    "feeds": "feeds",
    "rules": "rules",
    "database": "database",
    "studies": "studies",
    "charts": "charts",
    "start-up": "start",
    "latency": "latency",
    "memory": "memory",
}


def _measure(module: str, into: Connection) -> None:
    for row in import_module(f"tests.bench.{module}").rows():
        into.send(row)
    into.close()


def measured(group: str) -> Iterator[Row]:
    """The rows of a group, as they come; the last says so where it has broken off."""
    context = get_context("spawn")
    out, into = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(GROUPS[group], into))
    process.start()
    into.close()
    try:
        while True:
            try:
                yield out.recv()
            except EOFError:
                break
        process.join()
        if process.exitcode:
            yield Row("broke off; what went wrong is said above", "", met=False)
    finally:
        if process.is_alive():
            process.terminate()
        process.join()
