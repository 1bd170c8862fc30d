"""The charts that the terminal has saved: what tells them from other pictures, and their end."""

import hashlib
import logging
import re
from datetime import datetime
from pathlib import Path

NAME = re.compile(r"(?:[a-z0-9-]+-)?(?P<mark>[0-9a-f]{8})\.png")
log = logging.getLogger(__name__)


def mark_of(picture: bytes) -> str:
    """What the name of a saved chart ends with: it is made of the picture itself."""
    return hashlib.sha256(picture).hexdigest()[:8]


def remove_charts(folder: Path, before: datetime) -> int:
    """Remove the charts saved in `folder` before that moment; how many. Blocking; never fails.

    Whoever keeps pictures of their own there keeps them: a name alone makes none a chart of ours.
    """
    removed, refused = 0, ""
    try:
        found = [(path, NAME.fullmatch(path.name)) for path in folder.iterdir()]
    except FileNotFoundError:  # no chart was saved yet
        return 0
    except OSError as error:
        log.warning("the folder of charts, %s, cannot be read: %s", folder, error.strerror)
        return 0
    for path, named in found:
        try:
            if named is None or path.stat().st_mtime >= before.timestamp():
                continue
            if mark_of(path.read_bytes()) == named["mark"]:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue
        except OSError as error:
            refused = refused or f"{path}: {error.strerror}"
    if refused:
        log.warning("old charts cannot be removed (%s)", refused)
    return removed
