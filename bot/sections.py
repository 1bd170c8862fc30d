"""The settings by section: each key with its type, limits and default."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.errors import UserError
from bot.model.symbol import parse_symbol


def _symbol(text: str) -> str:
    try:
        return parse_symbol(text)
    except UserError as error:
        raise ValueError(str(error)) from None


def _ascending(levels: tuple[float, ...]) -> tuple[float, ...]:
    if not levels:
        raise ValueError("the list is empty; write at least one level, such as [5, 10, 20]")
    if list(levels) != sorted(set(levels)):
        raise ValueError("levels must ascend without repeats, such as [5, 10, 20]")
    return levels


def _hours(hours: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= hours[0] < hours[1] <= 24:
        raise ValueError("write two hours of a day, from and to, such as [9, 13]")
    return hours


def _web_address(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("it is no web address; write one that begins with https://")
    return text.rstrip("/")


def listening(text: str) -> tuple[str, int] | None:
    """Host and port to listen on: "127.0.0.1:9464"; None where nothing is to listen.

    An IPv6 address stands in brackets; port 0 is any free one. Raises ValueError.
    """
    if not text.strip():
        return None
    host, _, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    plain = bool(bare) and not set(bare) & set("/[]@ ") and (bare != host or ":" not in bare)
    if not plain or not (port.isascii() and port.isdigit()) or int(port[:6]) > 65_535:
        raise ValueError("write an address and a port, such as 127.0.0.1:9464, or nothing")
    return bare, int(port)


def _listening(text: str) -> str:
    listening(text)
    return text.strip()


Symbol = Annotated[str, AfterValidator(_symbol)]
Level = Annotated[float, Field(gt=0, lt=100)]
Window = Literal["1m", "3m", "6m", "1y", "2y", "3y", "5y", "max"]


class Section(BaseModel):
    """A section: it knows its keys and no others, and is frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StorageSettings(Section):
    """Where the bot keeps what it knows."""

    folder: str = Field(default="", description="data folder; empty: the user's own")
    database: str = Field(default="", description="file or database URL; empty: in the data folder")
    backups: int = Field(
        default=3, ge=0, le=365, description="nightly backups that are kept; 0: none is made"
    )


class RetentionSettings(Section):
    """How long what is past is kept, in days."""

    daily_bars: int = Field(
        default=3660,
        ge=2000,
        le=36_600,
        description="every close; of older weeks the highest, lowest and last",
    )
    quotes: int = Field(default=30, ge=2, le=3660, description="the last price of each day")
    snapshots: int = Field(
        default=400, ge=30, le=36_600, description="estimates of every day; of older weeks the last"
    )
    messages: int = Field(
        default=400, ge=30, le=36_600, description="messages told, with their facts"
    )
    attempts: int = Field(default=90, ge=1, le=3660, description="each try to send")
    decisions: int = Field(default=90, ge=1, le=3660, description="what /alert explain says")
    entries: int = Field(default=90, ge=1, le=3660, description="entries that tell of no release")
    seen: int = Field(
        default=1100, ge=400, le=36_600, description="marks of entries that their feed has dropped"
    )


class MarketSettings(Section):
    """What is watched, and how often it is asked for."""

    watch: tuple[Symbol, ...] = Field(
        default=(), description="symbols besides those of the baskets"
    )
    source: Literal["yahoo", "csv", "shipped"] = Field(
        default="yahoo", description="where prices come from"
    )
    csv_folder: str = Field(default="", description="folder of the source csv")
    poll_seconds: int = Field(
        default=60, ge=10, le=3600, description="between polls while an exchange is open"
    )
    closed_minutes: int = Field(
        default=30, ge=1, le=1440, description="between polls outside its hours"
    )
    confirm_percent: float = Field(
        default=8, ge=1, le=50, description="a move that has to be confirmed"
    )
    multiple: float = Field(
        default=22.3, gt=0, le=200, description="forward P/E of the S&P 500, to compare with"
    )
    multiple_on: date = Field(default=date(2025, 1, 23), description="the day it is of")
    multiple_source: str = Field(
        default="published consensus", min_length=1, max_length=60, description="who gives it"
    )
    growth_percent: float = Field(
        default=14.8, ge=-90, le=500, description="expected growth of the S&P 500's earnings"
    )
    growth_source: str = Field(
        default="FactSet", min_length=1, max_length=60, description="who expects it"
    )


class YahooSettings(Section):
    """How Yahoo is reached."""

    base_url: str = Field(default="", description="a proxy that answers in Yahoo's place")
    timeout_seconds: float = Field(default=20, ge=1, le=120, description="for one answer")
    stream: bool = Field(default=True, description="listen to the price stream between polls")


class AlertSettings(Section):
    """When a fall is told."""

    levels_percent: Annotated[tuple[Level, ...], AfterValidator(_ascending)] = Field(
        default=(5, 10, 15, 20, 30), description="levels of a new alert that names none"
    )
    rearm_percent: float = Field(default=2, ge=0, le=20, description="points above the level")
    rearm_closes: int = Field(default=5, ge=1, le=60, description="consecutive closes to re-arm")
    window: Window = Field(default="1y", description="whose highest close is the peak")
    group_wait_seconds: int = Field(default=60, ge=0, le=3600, description="wait for company")
    reply_minutes: int = Field(default=15, ge=0, le=1440, description="between replies of a story")
    hourly_cap: int = Field(
        default=20, ge=1, le=1000, description="messages to a channel in an hour"
    )


class DeliverySettings(Section):
    """How messages are sent."""

    lease_seconds: int = Field(
        default=60, ge=5, le=3600, description="before another try takes over"
    )
    send_seconds: int = Field(default=20, ge=1, le=3000, description="deadline of one send")
    retry_first_seconds: float = Field(
        default=2, gt=0, le=3600, description="pause after a failure"
    )
    retry_longest_seconds: float = Field(default=600, gt=0, le=86400, description="longest pause")


class LimitSettings(Section):
    """How often one person may ask for what is costly."""

    costly_per_minute: int = Field(
        default=10, ge=1, le=1000, description="charts, studies and look-ups"
    )


class LogSettings(Section):
    """What the program writes of its own doings, on standard error."""

    format: Literal["auto", "text", "json"] = Field(
        default="auto", description="auto: text on a terminal, otherwise JSON"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least that is written"
    )


class HealthSettings(Section):
    """Where other programs may ask how the bot is."""

    listen: Annotated[str, AfterValidator(_listening)] = Field(
        default="127.0.0.1:9464",
        description="of /healthz, /readyz and /metrics; empty: nothing listens",
    )


class ConsoleSettings(Section):
    """The terminal as a channel."""

    charts: str = Field(default="", description="folder of saved charts; empty: in the data folder")
    theme: Literal["dark", "light"] = Field(default="dark", description="background of charts")


class DiscordSettings(Section):
    """How Discord is reached."""

    api_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="https://discord.com/api/v10", description="or a proxy that answers in its place"
    )
    requests_per_second: int = Field(
        default=50, ge=1, le=10_000, description="Discord's own limit for the bot"
    )


class SlackSettings(Section):
    """How Slack is reached, and who may change what channels get there."""

    api_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="https://slack.com/api", description="or a proxy that answers in its place"
    )
    mode: Literal["socket", "http"] = Field(
        default="socket", description="a connection of the bot's own, or requests to it"
    )
    listen: str = Field(default="127.0.0.1:3000", description="address and port of the mode http")
    client_id: str = Field(default="", description="of the app that several workspaces install")
    managers: tuple[str, ...] = Field(
        default=(), description="user ids; empty: workspace admins and who set the channel up"
    )
    messages_per_minute: int = Field(
        default=240, ge=1, le=100_000, description="to all channels of one workspace"
    )


class FeedSettings(Section):
    """Where new models are heard of."""

    enabled: bool = Field(default=True, description="look at feeds for new models")
    allow: tuple[str, ...] = Field(
        default=(), description="host:port of your own that a chosen feed may be read from"
    )
    own_most: int = Field(default=10, ge=0, le=500, description="chosen feeds of one server")
    pacific_hours: Annotated[tuple[int, int], AfterValidator(_hours)] = Field(
        default=(9, 13), description="when American labs release, by the Pacific coast's time"
    )
    china_hours: Annotated[tuple[int, int], AfterValidator(_hours)] = Field(
        default=(10, 22), description="when Chinese labs release, by China's time"
    )


class PriceSettings(Section):
    """Where the prices of models are read, beside those that ship."""

    enabled: bool = Field(default=True, description="read price lists of models")
    hours: int = Field(default=6, ge=1, le=168, description="between looks at a list")
    models_dev_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="https://models.dev/api.json", description="or a mirror of it"
    )
    openrouter_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="https://openrouter.ai/api/v1/models", description="or a mirror of it"
    )
    refresh_catalog: bool = Field(
        default=False, description="fetch genai-prices' newest data from its makers"
    )
