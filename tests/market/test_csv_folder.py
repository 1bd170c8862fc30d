"""A folder of CSV files: what is read, what is refused, and whom it concerns."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.app import sources
from bot.config import Settings, load
from bot.errors import SourceError, UserError
from bot.market.csv_folder import CsvHistory

NOW = datetime(2025, 1, 27, 22, tzinfo=UTC)
FRIDAY, MONDAY = date(2025, 1, 24), date(2025, 1, 27)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "NVDA.csv").write_text(
        "Date,Close,Volume\n2025-01-24,142.62,1\n2025-01-27,118.42,2\n"
    )
    (tmp_path / "AMD.csv").write_text("date,close\n2025-01-24,122.84\n2025-01-27,115.01\n")
    return tmp_path


async def test_closes_with_the_last_stored_day_once_more(folder: Path) -> None:
    past = await CsvHistory(folder).past(["NVDA", "AMD", "GONE"], {"NVDA": FRIDAY}, NOW)
    assert [(bar.symbol, bar.day, bar.close) for bar in past.bars] == [
        ("AMD", FRIDAY, 122_840_000),
        ("NVDA", FRIDAY, 142_620_000),
        ("AMD", MONDAY, 115_010_000),
        ("NVDA", MONDAY, 118_420_000),
    ]
    assert past.unknown == ("GONE",)


async def test_raw_closes_never_change_and_come_once(folder: Path) -> None:
    (folder / "symbols.csv").write_text("symbol,basis\nNVDA,raw\n")
    past = await CsvHistory(folder).past(["NVDA"], {"NVDA": FRIDAY}, NOW)
    assert [bar.day for bar in past.bars] == [MONDAY]


@pytest.mark.parametrize(
    ("line", "says"),
    [("2025-01-28,much", "is not a price"), ("28/01/2025,1", "is not a date"),
     ("0025-01-28,1", "is not a date")],
)  # fmt: skip
async def test_a_line_that_cannot_be_read_fails_its_symbol_alone(
    folder: Path, line: str, says: str
) -> None:
    with (folder / "NVDA.csv").open("a") as file:
        file.write(line + "\n")
    later = datetime(2025, 1, 28, 22, tzinfo=UTC)
    past = await CsvHistory(folder).past(["NVDA", "AMD"], {}, later)
    assert {bar.symbol for bar in past.bars} == {"AMD"}
    assert says in past.failed["NVDA"]
    assert "NVDA.csv, line 4" in past.failed["NVDA"]
    assert (await CsvHistory(folder).past(["NVDA"], {}, later)).failed  # the folder still answers


async def test_a_split_that_cannot_be_read_fails_its_symbol_alone(folder: Path) -> None:
    (folder / "splits.csv").write_text(
        "symbol,date,numerator,denominator\nNVDA,2025-01-24,ten,1\nAMD,2025-01-24,2,1\n"
    )
    past = await CsvHistory(folder).past(["NVDA", "AMD"], {}, NOW)
    assert "splits.csv, line 2" in past.failed["NVDA"]
    assert [(s.symbol, s.numerator) for s in past.splits] == [("AMD", 2)]
    assert {bar.symbol for bar in past.bars} == {"AMD"}


async def test_symbols_that_cannot_be_read_are_named_by_file_and_line(folder: Path) -> None:
    (folder / "symbols.csv").write_text("symbol,basis\nAMD,raw\nNVDA,odd\n")
    with pytest.raises(SourceError, match=r"symbols\.csv, line 3: 'odd' is not a basis"):
        await CsvHistory(folder).known()


def _settings(folder: str) -> Settings:
    environ = {"AFTERSHOCK_MARKET__SOURCE": "csv", "XDG_CONFIG_HOME": "/nonexistent"}
    return load(None, environ | ({"AFTERSHOCK_MARKET__CSV_FOLDER": folder} if folder else {}))


def test_a_folder_that_is_not_there_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="csv_folder is empty"):
        sources(_settings(""))
    with pytest.raises(UserError, match="is not a folder"):
        sources(_settings(str(tmp_path / "nowhere")))
    history, quotes = sources(_settings(str(tmp_path)))
    assert (history.name, quotes) == ("CSV folder", None)
