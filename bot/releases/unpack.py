"""A packed answer, unpacked in small steps and no further than a limit. Pure."""

import zlib
from collections.abc import Iterator

from bot.errors import SourceError

STEP = 256 * 1024
# So many empty parts make a file that is nothing but work.
MOST_PARTS = 64

_GZIP = 16 + zlib.MAX_WBITS
NAMES = ("", "identity", "gzip", "x-gzip", "deflate")


def too_large(limit: int) -> SourceError:
    """What is said of an answer that goes on beyond `limit` bytes."""
    size = f"{limit / 1_000_000:g} MB" if limit >= 1_000_000 else f"{limit:,} bytes"
    return SourceError(f"the answer is larger than {size}", refused=True)


class Unpacking:
    """Takes an answer chunk by chunk, and gives it unpacked, at most `limit` bytes in all.

    `encoding` is the answer's Content-Encoding. Raises SourceError where it is one that was not
    asked for, where the bytes are not what it says, and as soon as the limit is passed: a bomb is
    never unpacked.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in NAMES:
            raise SourceError(f"the answer is packed as {self._encoding[:40]}, which is not read")
        self._limit = limit
        self._size = 0
        self._parts = 0
        self._open: zlib._Decompress | None = None

    def take(self, chunk: bytes) -> Iterator[bytes]:
        """What comes out of one chunk, in pieces of at most `STEP` bytes."""
        if self._encoding in ("", "identity"):
            yield self._counted(chunk)
            return
        while chunk:
            if self._open is None:
                self._open = self._next(chunk)
            try:
                piece = self._open.decompress(chunk, STEP)
            except zlib.error:
                raise SourceError("the answer cannot be unpacked; it is damaged") from None
            chunk = self._open.unconsumed_tail
            if self._open.eof:
                chunk = self._open.unused_data.lstrip(b"\0")
                self._open = None
            yield self._counted(piece)

    def end(self) -> None:
        """To be called after the last chunk. Raises SourceError where something is missing."""
        if self._open is not None:
            raise SourceError("the answer broke off in the middle")

    def _next(self, chunk: bytes) -> "zlib._Decompress":
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise SourceError("the answer is packed in too many parts", refused=True)
        if self._encoding != "deflate":
            return zlib.decompressobj(_GZIP)
        # "deflate" means zlib's format, and half of the servers that say it leave the frame out.
        framed = chunk[0] & 0x0F == 8 and chunk[0] >> 4 <= 7
        return zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)

    def _counted(self, piece: bytes) -> bytes:
        self._size += len(piece)
        if self._size > self._limit:
            raise too_large(self._limit)
        return piece
