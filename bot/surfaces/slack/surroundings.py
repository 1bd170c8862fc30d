"""Bolt reads variables of its own; only ours count."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

LEAD = "SLACK_"


@contextmanager
def without_bolts_variables() -> Iterator[None]:
    """Hide SLACK_BOT_TOKEN, SLACK_CLIENT_ID and their like, which may be another program's.

    With them, Bolt would take another token or keep installations in files. Nothing may be
    awaited meanwhile.
    """
    hidden = {name: value for name, value in os.environ.items() if name.startswith(LEAD)}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
