"""Every statement that a replay and the commands run compiles for PostgreSQL too."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite.dml import Insert as SqliteInsert
from sqlalchemy.schema import CreateIndex, CreateTable

from storage.database import Database, upsert
from storage.schema import metadata
from tests.asking import ask
from tests.replaying import replayed


async def test_every_statement_compiles_for_postgresql(monkeypatch: Any) -> None:
    seen: dict[str, Any] = {}
    opened = Database.open

    async def recording(url: str, *, durable: bool = True) -> Database:
        database = await opened(url)

        @event.listens_for(database._engine.sync_engine, "before_cursor_execute")
        def remember(_c: Any, _cursor: Any, text: str, _p: Any, context: Any, _many: Any) -> None:
            if context.compiled is not None:  # a pragma is no statement of ours
                seen[text] = context.compiled.statement

        return database

    monkeypatch.setattr(Database, "open", recording)
    async with replayed("2025-01-27", "2025-01-27") as (services, receiver, _messages):
        for line in (
            "/drawdown",
            "/basket add mine NVDA,AMD",
            "/alert add mine",
            "/alert list",
            "/alert remove 3",
            "/basket remove mine",
            "/status",
            "/releases latest",
        ):
            await ask(line, services, receiver)  # fmt: skip
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    assert len(seen) > 30
    for element in seen.values():
        if isinstance(element, SqliteInsert):  # the upsert, which has a form for each database
            continue
        assert str(element.compile(dialect=dialect))


def test_upserts_and_tables_compile_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        others = [c.name for c in table.columns if not c.primary_key][:1]
        statement = upsert("postgresql", table, update=others)
        assert "ON CONFLICT" in str(statement.compile(dialect=dialect))
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))
