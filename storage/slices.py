"""Deleting much without keeping others from writing: found by reading, deleted slice by slice."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

# Rows of one transaction: a few hundredths of a second, in which nobody else may write.
SLICE = 300
# Keys that are read at a time: more would keep others from being answered.
_PAGE = 5_000

K = TypeVar("K")


def sliced(keys: Sequence[K], size: int = SLICE) -> Iterator[Sequence[K]]:
    """The keys, so many at a time."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


async def forget(database: Database, table: Table, *old: ColumnElement[bool]) -> int:
    """Delete the rows of `table` that are old by every condition: how many.

    Each is judged again by the transaction that deletes it.
    """
    columns = list(table.primary_key)
    forgotten = 0
    while True:
        async with database.read() as connection:
            found = await connection.execute(select(*columns).where(*old).limit(_PAGE))
            keys = sorted(tuple(row) for row in found)
        gone = 0
        for some in sliced(keys):
            own = columns[0].in_([key[0] for key in some])
            if len(columns) > 1:
                own = tuple_(*columns).in_(some)
            statement = delete(table).where(own, *old)

            async def work(connection: AsyncConnection, statement: object = statement) -> int:
                return (await connection.execute(statement)).rowcount  # type: ignore[call-overload,no-any-return]

            gone += await database.write(work)
        forgotten += gone
        if len(keys) < _PAGE or not gone:
            return forgotten
