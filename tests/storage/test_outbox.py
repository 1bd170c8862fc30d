"""The outbox: each surface's rows are claimed by themselves, and read by themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.dialects import sqlite

from bot.services import Services
from storage import outbox
from storage.migrate import migrate
from tests.delivering import enqueue, enqueue_many

NOW = datetime(2025, 1, 27, tzinfo=UTC)


async def test_a_claim_takes_of_each_surface_what_there_is_room_for(services: Services) -> None:
    await enqueue_many(services, "s", channels=10, surface="slack")
    await enqueue_many(services, "d", channels=10, surface="discord")
    await enqueue(services, "x")
    now = services.clock.now()
    limits = {"slack": 2, "discord": 5, "console": 9}
    rows = await services.database.write(
        lambda c: outbox.claim(c, now, "start-1", now + timedelta(minutes=1), limits)
    )
    taken = [row.receiver.surface for row in rows]
    assert {name: taken.count(name) for name in limits} == {"slack": 2, "discord": 5, "console": 1}
    async with services.database.read() as connection:
        assert await outbox.is_due(connection, now, "slack")
        assert not await outbox.is_due(connection, now, "console")


async def test_rows_of_a_sender_that_died_come_first_and_count(services: Services) -> None:
    await enqueue_many(services, "x", channels=6)
    now, minute = services.clock.now(), timedelta(minutes=1)

    async def claimed(at: datetime, limit: int) -> list[str]:
        rows = await services.database.write(
            lambda c: outbox.claim(c, at, "start-1", at + minute, {"console": limit})
        )
        return [row.nonce for row in rows]

    assert await claimed(now, 2) == ["x0", "x1"]
    assert await claimed(now + 2 * minute, 3) == ["x0", "x1", "x2"]


async def test_a_claim_reads_no_row_of_another_surface(services: Services) -> None:
    async with services.database.read() as connection:
        for statement in outbox._claimable(NOW, "slack", [1, 2]):
            said = statement.compile(
                dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
            )
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}")
            assert "(surface=? AND state=?" in next(iter(plan))[-1]


def test_rows_of_before_know_their_surface(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    migrate(url, head="0006")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO receiver (id, surface, address, title, time_zone, created_at)"
            " VALUES (7, 'discord', 'a', 't', 'UTC', 0)"
        )
        connection.exec_driver_sql(
            "INSERT INTO outbox (id, receiver_id, nonce, action, facts, fallback, created_at,"
            " state, next_attempt_at) VALUES (3, 7, 'n', 'post', '{}', 'm', 0, 'pending', 0)"
        )
    migrate(url)
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT id, surface, nonce FROM outbox")
        assert [tuple(row) for row in found] == [(3, "discord", "n")]
    engine.dispose()
