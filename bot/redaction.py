"""Takes secrets out of what is written: those known by their value, others by their look."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

HIDDEN = "[secret]"
# So many characters of a secret in a row are taken for it: a part of one is half the way to it.
PART = 12
# Shorter values would be found in any text, and are nobody's secret.
LEAST = 4

# What is secret though nobody knows it beforehand. What stands in the first group stays.
_LOOKS = tuple(
    re.compile(pattern)
    for pattern in (
        # Tokens of Slack, of Discord's bots and of its interactions, and what a vault has sealed.
        r"()\b(?:xox[a-z]|xapp)(?:[-.][\w%-]{4,})+",
        r"()\b[A-Za-z0-9_-]{24,30}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,45}",
        r"()\baW50ZXJhY3Rpb2[\w%=+/-]+",
        r"()\bgAAAAA[\w-]{40,}=*",
        # Addresses that anybody may write to who has them.
        r"(/(?:webhooks|interactions)/\d+/)[\w.%~-]{16,}",
        r"(/(?:commands|actions|workflows|services|triggers|app)/[TE][A-Z0-9]{2,}/)[\w./%~-]{8,}",
        r"([?&](?:ticket|token|code|state|secret|client_secret|signature|access_token)=)[^&\s\"'<>\\]+",
        r"(://[^/\s:@\"'\\]*:)[^@\s/\"'\\]+(?=@)",
        # Headers, and fields of what is sent.
        r"(?i)(\b(?:bearer|basic|bot) )[\w.%+/=~-]{20,}",
        r"(?i)((?:token|secret|response_url)\\?[\"']\s*[:=]\s*\\?[\"'])[^\"'\\]+",
    )
)


class Redaction:
    """Known secrets, and text without them. `secrets` may be added to at any time."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._parts: set[str] = set()
        self._short: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this value from now on, in each form that it may be written in."""
        for form in forms(secret):
            if len(form) >= PART:
                self._parts.update(form[at : at + PART] for at in range(len(form) - PART + 1))
            elif len(form) >= LEAST:
                self._short.add(form)

    def __call__(self, text: str) -> str:
        """The text without anything secret. What was a line of JSON is one afterwards, too."""
        hidden = self._hidden(text)
        if hidden == text or not text.startswith("{") or _json(hidden) is not None:
            return hidden
        # A secret has quotes or escapes in it, as the line has: hidden in what the line says.
        event = _json(text)
        if event is None:
            return hidden
        return json.dumps(self._within(event), ensure_ascii=False) + "\n" * text.endswith("\n")

    def _within(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._hidden(value)
        if isinstance(value, list):
            return [self._within(one) for one in value]
        if isinstance(value, dict):
            return {self._hidden(name): self._within(one) for name, one in value.items()}
        return value

    def _hidden(self, text: str) -> str:
        text = self._without_parts(text)
        for short in self._short:
            text = text.replace(short, HIDDEN)
        for look in _LOOKS:
            text = look.sub(rf"\g<1>{HIDDEN}", text)
        return text

    def _without_parts(self, text: str) -> str:
        kept, end = [], 0
        for start, stop in _regions(text, self._parts):
            # Half of an escape, at either side, would spoil a line of JSON.
            kept += [text[end:start].rstrip("\\"), HIDDEN]
            end = stop + (text[stop - 1] == "\\")
        return "".join((*kept, text[end:])) if kept else text


def _json(text: str) -> Any:
    """What a line of JSON says, None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _regions(text: str, parts: set[str]) -> Iterator[tuple[int, int]]:
    """From where to where there are parts of secrets; those that touch are one."""
    start = stop = -1
    for at in range(len(text) - PART + 1) if parts else ():
        if text[at : at + PART] not in parts:
            continue
        if at > stop:
            if stop > 0:
                yield start, stop
            start = at
        stop = at + PART
    if stop > 0:
        yield start, stop


def forms(secret: str) -> set[str]:
    """The ways in which a value may be written: as it is, quoted, escaped and encoded."""
    secret = secret.strip()
    if len(secret) < LEAST:
        return set()
    data = secret.encode()
    written = {secret, quote(secret), quote(secret, safe=""), data.hex(), data.hex().upper()}
    written |= {quote(one, safe="") for one in tuple(written)}
    written |= {repr(secret)[1:-1], repr(data)[2:-1], json.dumps(secret)[1:-1]}
    written |= {json.dumps(one, ensure_ascii=False)[1:-1] for one in tuple(written)}
    for before in range(3):  # where it begins within what is encoded, such as "Bot …"
        encoded = b64encode(b"\0" * before + data).decode().rstrip("=")
        # The characters at either end depend on what stands beside the secret.
        inner = encoded[(0, 2, 3)[before] : len(encoded) - ((len(data) + before) % 3 > 0)]
        written |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {one for one in written if len(one) >= LEAST}
