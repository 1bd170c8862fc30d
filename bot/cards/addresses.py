"""Where a text of others holds links that can be followed safely. Pure."""

import re
from collections.abc import Iterator

_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
# A host in plain letters, without a name before it (https://bank.com@elsewhere.com).
_SOUND = re.compile(
    r"https?://[a-z0-9\-.]+(?::\d+)?(?:[/?#][a-z0-9\-._~:/?#@!$&'()*+,;=%]*)?", re.IGNORECASE
)


def pieces(text: str, unwanted: re.Pattern[str] | None = None) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is an address that can be read as it stands.

    A link in disguise is text, and so is one in which `unwanted` is found; the punctuation of the
    sentence around an address is none of it.
    """
    position = 0
    for found in _ADDRESS.finditer(text):
        address = _trimmed(found[0])
        if _SOUND.fullmatch(address) and not (unwanted and unwanted.search(address)):
            yield text[position : found.start()], False
            yield address, True
            position = found.start() + len(address)
    yield text[position:], False


def _trimmed(address: str) -> str:
    """An address without the punctuation of the sentence it stands in."""
    while address and address[-1] in ".,:;!?'\"*_~|)]":
        if address[-1] == ")" and "(" in address:
            break
        address = address[:-1]
    return address
