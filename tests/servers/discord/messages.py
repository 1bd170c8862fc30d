"""A message as it is kept, and how its bytes arrive: JSON, or several parts with files."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

EPHEMERAL = 1 << 6
LOADING = 1 << 7


@dataclass
class Upload:
    """A file that came with a request: the number in its field's name, its name, its bytes."""

    number: int
    filename: str
    content: bytes


@dataclass
class Message:
    """One stored message.

    `payload` is what Discord returns; `files` has every file by its name, also those that an
    embed shows, which Discord leaves out of `attachments`; `versions` counts the edits.
    """

    payload: dict[str, Any]
    arrived: float
    files: dict[str, bytes] = field(default_factory=dict)
    attachments: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: int = 0
    nonce: str | None = None

    @property
    def id(self) -> int:
        """Its snowflake."""
        return int(self.payload["id"])

    @property
    def channel_id(self) -> int:
        """Where it is."""
        return int(self.payload["channel_id"])

    @property
    def content(self) -> str:
        """The text above the embeds."""
        return str(self.payload["content"])

    @property
    def embeds(self) -> list[dict[str, Any]]:
        """Its embeds."""
        return list(self.payload["embeds"])

    @property
    def embed(self) -> dict[str, Any]:
        """Its one embed; an error where there is none or more."""
        (only,) = self.payload["embeds"]
        return dict(only)

    @property
    def flags(self) -> int:
        """Its flags, as bits."""
        return int(self.payload["flags"])

    @property
    def ephemeral(self) -> bool:
        """Whether only the one who asked sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it is still "thinking"."""
        return bool(self.flags & LOADING)

    @property
    def components(self) -> list[dict[str, Any]]:
        """Every button, menu or other leaf, in order, taken out of rows and containers."""
        return leaves(self.payload["components"])

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [each.get("label", "") for each in self.components if each["type"] == 2]

    def component(self, wanted: str) -> dict[str, Any]:
        """The component with this custom id or label; `LookupError` where there is none."""
        for each in self.components:
            if wanted in (each.get("custom_id"), each.get("label")):
                return each
        known = [each.get("label") or each.get("custom_id") for each in self.components]
        raise LookupError(f"no component {wanted!r}; there is {known}")


def leaves(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The components that hold no others."""
    found: list[dict[str, Any]] = []
    for each in components:
        inside = each.get("components", []) + [
            each[key] for key in ("component", "accessory") if key in each
        ]
        found += leaves(inside) if inside else [each]
    return found


def numbered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The components with ids of their own, as Discord returns them."""
    count = 0

    def walk(each: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += 1
        copy = {**each, "id": each.get("id") or count}
        if "components" in copy:
            copy["components"] = [walk(child) for child in copy["components"]]
        for key in ("component", "accessory"):
            if key in copy:
                copy[key] = walk(copy[key])
        return copy

    return [walk(each) for each in components]


_NAME = re.compile(rb'name="([^"]*)"')
_FILENAME = re.compile(rb'filename="([^"]*)"')


def parsed(body: bytes, content_type: str) -> tuple[Any, list[Upload]]:
    """What a request carries: its JSON and its files; `ValueError` for what is neither."""
    if not content_type.startswith("multipart/form-data"):
        return (json.loads(body) if body else {}), []
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    payload: Any = {}
    uploads = []
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        name = _NAME.search(head)
        if name is None:
            raise ValueError("a part without a name")
        if name[1] == b"payload_json":
            payload = json.loads(content)
        elif (filename := _FILENAME.search(head)) and (number := re.search(rb"\d+", name[1])):
            uploads.append(Upload(int(number[0]), filename[1].decode(), content))
        else:
            raise ValueError(f"a part of an unknown kind: {name[1].decode()}")
    return payload, uploads
