"""Processes that share one set of imports: forked from a server that has them, not started."""

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "tests.faults.worker",
        "tests.faults.silencer",
        "tests.faults.fanout_worker",
        "tests.faults.slack_worker",
        "tests.faults.news_worker",
        "tests.faults.pipeline_worker",
        "tests.faults.program_worker",
        "tests.faults.restore_worker",
        "tests.faults.warmed",
    ]
)


def started(function: Callable[..., Any], *arguments: Any) -> Any:
    """A process of its own that calls `function`, which can be imported by its name.

    Whoever starts it ends it, by `kill` and `join`.
    """
    process = _FORKING.Process(target=function, args=arguments, daemon=True)
    process.start()
    return process


def ended(function: Callable[..., Any], *arguments: Any, seconds: float = 60) -> int:
    """The exit code of a process of its own that calls `function`; negative for a signal.

    A process that has not ended after `seconds` is killed.
    """
    process = started(function, *arguments)
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"{function.__name__}{arguments} has not ended in {seconds:g} s")
    return int(process.exitcode)
