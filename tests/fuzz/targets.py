"""What is given to each reader of other people's input, and what has to hold whatever they write.

A target takes bytes and fails by an assertion, or by any error that its reader is not known for.
"""

import json
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from bot.cards import to_slack, to_text
from bot.cards.to_discord import alert, answer, sentence
from bot.commands import COMMANDS, parse
from bot.config import load
from bot.costs.listed import read_models_dev, read_openrouter
from bot.errors import SourceError, UserError
from bot.market.stream import read_tick
from bot.market.yahoo_figures import read_estimates, read_statistics
from bot.market.yahoo_shapes import read_batch, read_history
from bot.model.card import Card, Field, Table, Tone, UnderwaterChart
from bot.model.feed import Entry, Feed, FeedKind, Voice
from bot.parsing import read_options
from bot.releases.dates import read_date
from bot.releases.detect import judge
from bot.releases.parsed import ENTRIES
from bot.releases.reading import read_now
from bot.releases.shipped import load_labs
from bot.releases.text import clean
from bot.releases.unpack import Unpacking
from bot.surfaces.slack.typed import SLASHES, line_of
from tests.cards.test_to_discord import within_limits
from tests.cards.test_to_slack import is_sound, posted
from tests.fuzz.drawn import Drawn

HERE = Path(__file__).parents[1]
FEEDS, GOLDEN = HERE / "releases" / "feeds", HERE / "cards" / "golden"
SHARED = HERE.parents[1] / "shared" / "data"
LARGEST_SEED = 60_000
NOW, DAY = datetime(2025, 1, 27, 22, tzinfo=UTC), date(2025, 1, 27)
# What a column of the database takes.
LARGEST = 2**63 - 1
LONGEST_SAID = 2000
CHART = UnderwaterChart("x", (), (), (), (), "USD", "falls", "test")
_YAHOO = (
    "symbol", "NVDA", "shortName", "quoteType", "currency", "regularMarketPrice",
    "regularMarketTime", "regularMarketPreviousClose", "regularMarketDayLow",
    "exchangeTimezoneName", "exchangeDataDelayedBy", "earningsTimestampStart",
    "isEarningsDateEstimate", "marketCap",
    "forwardPE", "defaultKeyStatistics", "financialData", "enterpriseValue", "totalRevenue",
    "financialCurrency", "price", "raw", "USD", "avg", "growth", "0y",
)  # fmt: skip
_LISTS = (
    "data", "id", "name", "pricing", "prompt", "completion", "input_cache_read", "openai", "models",
    "cost", "input", "output", "cache_read", "tiers", "tier", "size", "context_over_200k",
)  # fmt: skip
_LISTED = (
    "data", "id", "name", "created", "pricing", "prompt", "context_length", "architecture",
    "modelId", "createdAt", "tags", "downloads", "models", "release_date", "open_weights", "limit",
    "context", "tag_name", "html_url", "published_at", "body", "version", "items", "url", "title",
    "https://jsonfeed.org/version/1.1", "content_html", "date_published", "error", "message",
)  # fmt: skip


def nothing() -> Iterator[bytes]:
    """No body to begin with."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Target:
    """`check` fails where something does not hold; `seeds` gives bodies to begin with."""

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]] = nothing


def _is_said(error: UserError | SourceError, lines: int = 99) -> None:
    """What is wrong is said, shortly, in what can be shown."""
    said = str(error)
    assert said.strip()
    assert len(said.split("\n")) <= lines, said
    assert len(said) <= LONGEST_SAID, len(said)
    to_slack.sentence(said)
    assert sentence(said).strip()


def parser(data: bytes) -> None:
    """A line that somebody typed, as it came from a terminal or from Slack."""
    drawn = Drawn(data)
    kind, command = drawn.number(3), drawn.one_of(COMMANDS)
    try:
        if kind == 0:
            parse(data[1:].decode("utf-8", "replace"))
        elif kind == 1:
            line = f"{command.name} {' '.join(drawn.text() for _ in range(drawn.number(8)))}"
            parse(line_of(drawn.one_of(SLASHES), line[1:]))
        else:
            given = {option.name: drawn.text() for option in command.options if drawn.number(3)}
            found = read_options(command, given)
            assert set(found) == {option.name for option in command.options}
            for option in command.options:
                value = found[option.name]
                if option.name in given:
                    assert value not in ("", ()), option.name
                if isinstance(value, int) and not isinstance(value, bool):
                    assert option.lowest <= value <= option.highest
                if isinstance(value, timedelta):
                    assert value > timedelta()
    except UserError as error:
        _is_said(error)


def lines() -> Iterator[bytes]:
    """Every command as its example has it."""
    for command in COMMANDS:
        yield b"\0" + command.example.encode()


def feeds(data: bytes) -> None:
    """The body of a feed, of each kind that there is."""
    drawn = Drawn(data)
    kind = drawn.one_of(tuple(FeedKind))
    body = drawn.encoded(_LISTED) if drawn.number(4) == 3 else data[2:]
    feed = Feed("own:1", kind, Voice.NEWS, "https://feed.example/feed", "")
    try:
        parsed = read_now(feed, body)
    except SourceError as error:
        _is_said(error)
        return
    assert len(parsed.entries) <= ENTRIES
    for entry in parsed.entries:
        # Joiners and the like are part of writing, of families of emoji too; terminals go without.
        seen = "".join(one for one in entry.title if unicodedata.category(one) != "Cf")
        assert seen == to_text.clean(entry.title), ascii(entry.title)
        assert entry.title == clean(entry.title), ascii(entry.title)
        assert len(entry.title) + len(entry.summary) + len(entry.id) + len(entry.url) < 10_000
        assert entry.published is None or entry.published.tzinfo is not None
        assert not entry.url or entry.url.lower().startswith(("http://", "https://")), entry.url


def bodies() -> Iterator[bytes]:
    """Feeds as they are found in the world."""
    kinds = tuple(FeedKind)
    for folder in (FEEDS, SHARED / "feeds"):
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.is_file() and path.stat().st_size <= LARGEST_SEED:
                for number in range(len(kinds)) if path.suffix == ".json" else (0,):
                    yield bytes([number, 0]) + path.read_bytes()


def unpacking(data: bytes) -> None:
    """A packed answer, in chunks of any size."""
    drawn = Drawn(data)
    encoding, limit = drawn.one_of(("", "gzip", "deflate", "br", drawn.text(9))), 100_000
    size = 0
    try:
        unpacking = Unpacking(encoding, limit)
        while drawn.left:
            for piece in unpacking.take(drawn.part(1 + drawn.number(999))):
                size += len(piece)
        unpacking.end()
    except SourceError as error:
        _is_said(error)
    assert size <= limit


def detect(data: bytes) -> None:
    """What an entry says, in anybody's feed."""
    drawn = Drawn(data)
    feed = Feed(
        drawn.one_of(("own:1", "openai-news", "hn", "36kr")),
        drawn.one_of(tuple(FeedKind)),
        drawn.one_of(tuple(Voice)),
        "https://feed.example/feed",
        "",
        drawn.one_of(("", "openai", "deepseek")),
    )
    names = ("context", "input_mtok", "licence", "tags", "created", "downloads", "pipeline")
    given = drawn.json(names) if drawn.flag() else {}
    entry = Entry(
        feed.key,
        to_text.clean(drawn.text())[:200],
        to_text.clean(drawn.text(300))[:300],
        drawn.one_of(("", "https://openai.com/index/gpt-9", "https://x.example/" + drawn.text())),
        to_text.clean(drawn.text(300))[:300],
        read_date(drawn.json((), 0)),
        given if isinstance(given, dict) and not feed.kind.structured else {},
    )
    found = judge(entry, feed, _labs(), now=NOW)
    assert 0 <= found.confidence <= 1
    assert found.reason
    assert len(found.reason) + len(found.model) < LONGEST_SAID
    assert found.lab == "" or found.lab in _labs() or found.lab == feed.lab


@cache
def _labs() -> Mapping[str, Any]:
    return load_labs()


def headlines() -> Iterator[bytes]:
    """The headlines of the goldens, each as a title."""
    for title in (
        b"Introducing GPT-9",
        b"DeepSeek launches V7 with open weights",
        "开源 Qwen9".encode(),
    ):
        yield bytes([0, 0, 0, 0, 0, 0, 2, 0, 2, 1, len(title)]) + title


def cards(data: bytes) -> None:
    """A card of whatever anybody wrote, on every surface."""
    drawn = Drawn(data)
    columns = drawn.number(7)
    table = Table(
        tuple(drawn.text() for _ in range(columns)),
        tuple(tuple(drawn.text() for _ in range(columns)) for _ in range(drawn.number(12))),
        frozenset(range(drawn.number(columns + 1))),
        drawn.text(),
    )
    card = Card(
        drawn.text(),
        "\n".join(drawn.text() for _ in range(drawn.number(12))),
        drawn.text(),
        tuple(Field(drawn.text(), drawn.text()) for _ in range(drawn.number(12))),
        table if columns else None,
        CHART if drawn.flag() else None,
        drawn.text(),
        drawn.one_of(tuple(Tone)),
        drawn.text(),
        NOW if drawn.flag() else None,
        tuple(drawn.text() for _ in range(drawn.number(9))),
        {drawn.text(): drawn.json(("a",)) for _ in range(drawn.number(4))},
    )
    within_limits(alert(card))
    within_limits(answer(card))
    is_sound(posted(card))
    is_sound(to_slack.answer(card, share=drawn.text()))
    assert all(to_text.clean(line) == line for line in to_text.to_plain(card).split("\n"))
    assert to_text.to_json(card).replace("\n", "").isprintable()
    json.loads(to_text.to_json(card))
    for said in (sentence(card.text), to_slack.sentence(card.text)):
        assert len(said) <= 4000


def config(data: bytes) -> None:
    """A settings file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(data)
        try:
            settings = load(path, {"XDG_CONFIG_HOME": folder})
            settings.data_folder()
            settings.database_url()
            settings.charts_folder()
        except UserError as error:
            _is_said(error, lines=1)


def settings_files() -> Iterator[bytes]:
    """The example, whole and a section at a time with its settings switched on."""
    example = (HERE.parent / "config.example.toml").read_text("utf-8")
    yield example.encode()
    used = example.replace("# ", "").replace("#", "")
    for part in used.split("\n\n"):
        yield part.encode()
    yield b"[storage]\nfolder = '~no-such-user/x'"


def dates(data: bytes) -> None:
    """A date as a feed writes it."""
    drawn = Drawn(data)
    for value in (data.decode("utf-8", "replace"), drawn.text(), drawn.json(())):
        found = read_date(value)
        assert found is None or (found.tzinfo is UTC and 1990 <= found.year < 2100)


def written_dates() -> Iterator[bytes]:
    """Dates of every shape that is read."""
    for text in (
        "Thu, 04 Dec 2025 21:06:46 GMT", "2025-01-27T22:00:00Z", "1738015200", "1738015200000",
        "2025年1月27日", "January 27, 2025", "27 Jan 2025 10:00:60 +0530", "2025/01/27",
    ):  # fmt: skip
        yield text.encode()


def price_lists(data: bytes) -> None:
    """A list of what models cost."""
    drawn = Drawn(data)
    value = drawn.json(_LISTS, 6)
    # Two prices that are some number, so that what else stands in the row is read too.
    listed = {name: drawn.json((), 0) for name in ("input", "cache_read", "output", "tiers")}
    asked = {name: drawn.json((), 0) for name in ("prompt", "input_cache_read", "completion")}
    row = {"id": drawn.text(), "name": drawn.text(), "cost": listed, "pricing": asked}
    shapes = (value, {"data": value}, {"data": [row, value]}, {"openai": {"models": {"x": row}}})
    for read, shape in product((read_models_dev, read_openrouter), shapes):
        try:
            found = read(shape)
        except SourceError as error:
            _is_said(error)
            continue
        for one in found:
            for price in (one.input_mtok, one.cached_mtok, one.output_mtok):
                assert price is None or (price.is_finite() and 0 <= price < 100_000)
            assert len(one.named) <= 200
            assert len(one.title) <= 80


class _Frame:
    """As much of a frame as is read of one."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        self.index = [datetime(2025, 1, 1 + n, tzinfo=UTC) for n in range(len(rows))]

    def to_dict(self, how: str) -> Any:
        """The rows, as a list or by period."""
        if how == "records":
            return self._rows
        return {f"{n}y": row for n, row in enumerate(self._rows)}


def yahoo(data: bytes) -> None:
    """What Yahoo may answer one day."""
    drawn = Drawn(data)
    value = drawn.json(_YAHOO, 5)
    rows = value if isinstance(value, list) else [value]
    for row in rows:
        if isinstance(row, dict) and drawn.flag():
            row["symbol"] = "NVDA"
    batch = read_batch(rows, ["NVDA", "AMD"], NOW)
    figures = [measure.value for measure in batch.measures]
    for quote in batch.quotes:
        optional = (quote.previous_close, quote.day_low, quote.day_high)
        figures += [quote.price, *(one for one in optional if one is not None)]
        assert quote.price >= 0
        assert quote.as_of.tzinfo is not None
    for event in batch.events:
        assert date.min < event.day < date.max
    figures += [one.value for one in read_statistics("NVDA", value, DAY, NOW)]
    numbers = _Frame(
        [
            {
                name: drawn.one_of((1.0, 0.0, -1.0, 1e308, 1e-320, float("nan"), float("inf"), 4.5))
                for name in ("Stock Splits", "Dividends", "Close", "avg", "growth")
            }
            for _ in range(drawn.number(4))
        ]
    )
    bars, splits, dividends = read_history(
        "NVDA",
        numbers,
        lambda _symbol, day: datetime(day.year, day.month, day.day, tzinfo=UTC),
        NOW,
    )
    figures += [bar.close for bar in bars]
    figures += [one.value for one in dividends if one.value is not None]
    figures += [one.value for one in read_estimates("NVDA", "eps", numbers, DAY, NOW)]
    assert all(split.numerator > 0 and split.denominator > 0 for split in splits)
    tick = read_tick(drawn.text(300), NOW) or read_tick(data.decode("latin-1"), NOW)
    if tick is not None:
        figures.append(tick.price)
    assert all(-LARGEST <= figure <= LARGEST for figure in figures), figures


def recorded() -> Iterator[bytes]:
    """Messages of the price stream, as they are sent."""
    import base64

    from yfinance.pricing_pb2 import PricingData

    message = PricingData(id="NVDA", price=118.42, time=1738015200000, market_hours=1)
    yield base64.b64encode(message.SerializeToString())


TARGETS: Mapping[str, Target] = {
    "parser": Target(parser, lines),
    "feeds": Target(feeds, bodies),
    "unpacking": Target(unpacking),
    "detect": Target(detect, headlines),
    "cards": Target(cards),
    "config": Target(config, settings_files),
    "dates": Target(dates, written_dates),
    "price-lists": Target(price_lists),
    "yahoo": Target(yahoo, recorded),
}
