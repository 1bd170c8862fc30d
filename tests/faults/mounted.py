"""Small and read-only file systems, where this machine lets a test mount any."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


def _mount(*arguments: str) -> bool:
    """Whether that worked."""
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


@cache
def _may_mount() -> bool:
    with TemporaryDirectory() as folder:
        try:
            if not _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder):
                return False
        except OSError:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size at `folder`; the test is skipped where none may be mounted."""
    if not _may_mount():
        pytest.skip("SKIPPED: only root may mount a small disk, so a full one was not tried")
    folder.mkdir()
    assert _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def read_only(path: Path) -> None:
    """From now on nothing may be written at that mount."""
    assert _mount("-o", "remount,ro", str(path))


def writable(path: Path) -> None:
    """It may be written again."""
    assert _mount("-o", "remount,rw", str(path))


def fill(folder: Path) -> Path:
    """Leave no room on the disk of that folder; what to delete to have it again."""
    ballast = folder / "ballast"
    for size in (1 << 16, 1 << 12, 1):
        with ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return ballast
