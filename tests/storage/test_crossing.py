"""The indexed crossing query finds exactly the levels that a naive loop would change."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.levels import step
from bot.model.level import Change, LevelState, Reading
from storage import levels
from storage.database import Database

DAY = date(2025, 1, 27)
NOW = datetime(2025, 1, 27, 21, tzinfo=UTC)
STATES = st.builds(
    LevelState,
    level=st.integers(1, 40).map(lambda percent: percent * 10_000),
    band=st.sampled_from([0, 20_000, 50_000]),
    armed=st.booleans(),
    closes=st.integers(0, 4),
    peak_day=st.just(DAY - timedelta(days=30)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    by_target=st.dictionaries(
        st.sampled_from(["NVDA", "AMD", "ai"]),
        st.tuples(st.integers(-450_000, 0), st.lists(STATES, max_size=6)),
    )
)
async def test_candidates_are_all_that_change(
    blank: Path, by_target: dict[str, tuple[int, list[LevelState]]]
) -> None:
    with TemporaryDirectory() as folder:
        copyfile(blank, Path(folder) / "a.db")
        database = await Database.open(f"sqlite+aiosqlite:///{Path(folder)}/a.db")
        expected: set[tuple[str, int, int]] = set()

        async def work(connection: AsyncConnection) -> None:
            for target, (depth, states) in by_target.items():
                unique = {(s.level, s.band): s for s in states}
                await levels.watch(connection, target, target, "1y", list(unique.values()))
                row = {"key": target, "target": target, "window": "1y", "value": depth,
                       "day": DAY, "as_of": NOW}  # fmt: skip
                await levels.set_readings(connection, [row])
                peak, first = DAY - timedelta(days=1), DAY - timedelta(days=300)
                for state in unique.values():
                    _after, change = step(state, Reading(depth, DAY, peak, first), 5)
                    if change is not Change.NONE:
                        expected.add((target, state.level, state.band))

        await database.write(work)
        async with database.read() as connection:
            found = await levels.crossing(connection)
        await database.close()
    candidates = {(one.key, one.state.level, one.state.band) for one in found}
    assert expected <= candidates


async def test_the_query_walks_the_index(database: Database) -> None:
    statement = levels.crossing_statement()
    async with database.read() as connection:
        dialect = connection.dialect
        sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")).fetchall()
    details = [str(row._mapping["detail"]) for row in plan]
    searches = [line for line in details if "SEARCH" in line and "level_state" in line]
    assert len(searches) == 2, plan
    assert all("key=? AND armed=? AND next_at" in line for line in searches)


async def test_whom_levels_concern_is_looked_up_from_the_levels(database: Database) -> None:
    # As many as a fall of the whole market crosses.
    statement = levels.told_statement(range(1, 800), NOW)
    async with database.read() as connection:
        dialect = connection.dialect
        sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")).fetchall()
    first = str(plan[0]._mapping["detail"])
    assert first.startswith("SEARCH subscription_level USING PRIMARY KEY"), plan
