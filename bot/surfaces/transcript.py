"""The console's memory: every message it was told, in a file, so that it can tell."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Written:
    """A message as the transcript has it: its place among all messages, when, in a line."""

    number: int
    at: datetime
    text: str


class Transcript:
    """An append-only file of JSON lines: the messages, and marks of which were shown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: dict[str, Written] = {}
        self._read = 0  # how many bytes of the file `_written` tells of

    def append(self, entry: dict[str, Any]) -> None:
        """Add an entry; it survives a kill and a power cut once this returns."""
        self._write(entry, durable=True)

    def mark_shown(self, nonce: str) -> None:
        """Note that a message was shown. A power cut may lose that: it is then shown again."""
        self._write({"shown": nonce}, durable=False)

    def unshown(self) -> list[dict[str, Any]]:
        """The entries that were to be shown and are not marked as shown, oldest first."""
        waiting: dict[str, dict[str, Any]] = {}
        for entry in self.entries():
            if entry.get("to_show"):  # earlier versions marked nothing
                waiting[entry["nonce"]] = entry
            else:
                waiting.pop(entry.get("shown", ""), None)
        return list(waiting.values())

    def _write(self, entry: dict[str, Any], *, durable: bool) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with self._path.open("ab") as file:
            if file.tell() and not self._ends_whole():
                file.write(b"\n")  # a line cut short by a kill must not swallow this one
            file.write(line.encode())
            file.flush()
            if durable:
                os.fsync(file.fileno())

    def _ends_whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def entries(self) -> Iterator[dict[str, Any]]:
        """Every whole entry, oldest first."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    yield json.loads(line)
                except ValueError:
                    continue

    def has(self, nonce: str) -> bool:
        """Whether a message of that nonce was written."""
        return any(entry.get("nonce") == nonce for entry in self.entries())

    def message(self, nonce: str) -> Written | None:
        """The message of that nonce, numbered in the order of the transcript from 1.

        An edit is no message of its own, so it has no number.
        """
        self._catch_up()
        return self._written.get(nonce)

    def _catch_up(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # cut short by a kill, or still being written
                self._read += len(line)
                try:
                    entry = json.loads(line)
                    at = datetime.fromisoformat(entry["at"])
                except (ValueError, KeyError):
                    continue
                if entry.get("action") != "edit":
                    number = len(self._written) + 1
                    written = Written(number, at, entry.get("text", ""))
                    self._written.setdefault(entry["nonce"], written)
