"""What takes long to make is made once for all the processes that tests run in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The file `name`, made by whichever process of this run comes first.

    `make` writes it to the path that it is given, which is another until the file is whole.
    """
    base = factory.getbasetemp()
    # Each of xdist's processes has a folder of its own below the run's.
    shared = base.parent if base.name.startswith("popen-") else base
    path = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not path.exists():
            draft = factory.mktemp("draft") / name
            make(draft)
            draft.replace(path)
    return path
