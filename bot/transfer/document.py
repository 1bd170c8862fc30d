"""What an exported file holds, and how it is written and read."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import UserError
from bot.misset import right, shown
from bot.model.rule import Condition
from bot.sections import Window

VERSION = 1
HEAD = """\
# What Aftershock's channels follow, and how they are set. aftershock import FILE puts it into
# another database, or back into this one: what is missing there is added, nothing is removed, and
# --dry-run says what would change. You may edit it.
#
# A channel is named by its surface (discord, slack or console) and its address there. Below it:
#   alerts     target: a symbol or basket; levels: percent, prices or P/Es, as the condition says
#   releases, prices, digests     as /subscribe sets them; what is not written is as usual
#   silences   those still in force; silenced_until is about one alert or subscription
# quiet hours and digests are in the channel's time zone; every other time has its own offset.
#
# Addresses of feeds may hold keys: keep this file to yourself. No token is in it.
# [settings] is for reading; import compares it with the settings there and changes none.
"""
_NAMES = {
    "channels": "channel", "alerts": "alert", "releases": "releases", "prices": "prices",
    "digests": "digest", "silences": "silence", "baskets": "basket", "feeds": "feed",
    "communities": "community", "rooms": "room",
}  # fmt: skip

Text = Annotated[str, Field(min_length=1, max_length=400)]


class Part(BaseModel):
    """A part of the file: it knows its keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Followed(Part):
    """What every alert and subscription may have. A silence of it alone is written with it."""

    mention: str | None = None
    expires: AwareDatetime | None = None
    once: bool = False
    repeat_minutes: int | None = Field(default=None, ge=1)
    silenced_until: AwareDatetime | None = None
    silenced_by: str = ""


class Alert(Followed):
    """A rule. `levels` are as people type them: 10 for 10%, 150 for a price."""

    target: Text
    condition: Condition = Condition.DRAWDOWN
    levels: tuple[float, ...] = ()
    window: Window | None = None
    rearm_percent: float | None = Field(default=None, ge=0, le=20)
    members: bool = False


class Releases(Followed):
    """News of releases, narrowed down."""

    labs: tuple[Text, ...] = ()
    kinds: tuple[Text, ...] = ()
    keywords: tuple[Text, ...] = ()
    without: tuple[Text, ...] = ()
    open_only: bool = False
    rumours: bool = False
    study: Literal["always", "unusual", "never"] = "unusual"


class Prices(Followed):
    """News of what models cost; `models` are pairs of a lab's key and a model's name."""

    labs: tuple[Text, ...] = ()
    models: tuple[tuple[Text, Text], ...] = ()
    percent: int = Field(default=10, ge=1, le=100)
    newcomer: int = Field(default=25, ge=1, le=100)
    parting: int | None = Field(default=None, ge=1, le=100)


class Digest(Followed):
    """A digest of a basket at a local time, every day or every week."""

    basket: Text
    every: Literal["day", "week"] = "day"
    at: Text
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"


class Silenced(Part):
    """A silence: of a symbol, a basket, a lab ("lab:openai"), or "all"."""

    target: Text
    until: AwareDatetime
    by: str = ""


class Channel(Part):
    """A receiver, and all that it gets."""

    surface: Annotated[str, Field(pattern="^(console|discord|slack)$")]
    address: Annotated[str, Field(min_length=1, max_length=160)]
    title: str
    community: str = ""
    time_zone: str = "UTC"
    quiet: str = "off"
    hourly_cap: int | None = Field(default=None, ge=1, le=1000)
    set_up_by: str = ""
    alerts: tuple[Alert, ...] = ()
    releases: tuple[Releases, ...] = ()
    prices: tuple[Prices, ...] = ()
    digests: tuple[Digest, ...] = ()
    silences: tuple[Silenced, ...] = ()


class OwnBasket(Part):
    """A basket of a community's or channel's own."""

    owner: Text
    name: Text
    title: str
    symbols: tuple[Text, ...]


class OwnFeed(Part):
    """A feed of a community's or channel's own."""

    owner: Text
    url: Text
    lab: str = ""
    added_by: str = ""


class Community(Part):
    """What a Discord server chose for all its channels."""

    id: Text
    manager_role: str | None = None
    public_answers: bool = False


class Side(Part):
    """A channel of a room."""

    surface: Text
    address: Text


class Linked(Part):
    """Two channels that are told the same."""

    invited: Side
    joined: Side
    invited_by: str = ""
    joined_by: str = ""


class Document(Part):
    """The whole file."""

    version: Literal[1] = 1
    channels: tuple[Channel, ...] = ()
    baskets: tuple[OwnBasket, ...] = ()
    feeds: tuple[OwnFeed, ...] = ()
    communities: tuple[Community, ...] = ()
    rooms: tuple[Linked, ...] = ()
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)


def as_toml(document: Document) -> str:
    """The file as TOML, with a head that explains it."""
    return f"{HEAD}\n{tomli_w.dumps(_plain(document, 'python'))}"


def as_json(document: Document) -> str:
    """The file as JSON; times are in ISO 8601."""
    return json.dumps(_plain(document, "json"), indent=2, ensure_ascii=False) + "\n"


def _plain(document: Document, mode: Literal["python", "json"]) -> dict[str, Any]:
    found = document.model_dump(mode=mode, exclude_defaults=True)
    return {"version": VERSION, **_written(found)}


def _written(value: Any) -> Any:
    """A value as people would write it: what is followed before its terms, 5 rather than 5.0."""
    if isinstance(value, Condition):
        return value.value
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key in Followed.model_fields)
        return {key: _written(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_written(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def read(path: Path) -> Document:
    """The file at `path`, by its name TOML or JSON. Raises UserError with a line for each mistake
    of form.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; check the path.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; save it again as UTF-8.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}).") from None
    try:
        values = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not valid TOML: {error}.") from None
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON: {error}.") from None
    if not isinstance(values, dict) or "version" not in values:
        raise UserError(f"{path} names no version; is it a file that aftershock export wrote?")
    if values["version"] != VERSION:
        raise UserError(
            f"{path} is of version {values['version']}, and this program reads version {VERSION}; "
            "import it with the Aftershock that wrote it."
        )
    try:
        return Document.model_validate(values)
    except ValidationError as error:
        raise UserError("\n".join(_mistake(path, one) for one in error.errors())) from None


def _mistake(path: Path, error: Any) -> str:
    if error["type"] == "extra_forbidden":
        said = "there is no such key"
    elif error["type"] == "string_pattern_mismatch":
        said = "write console, discord or slack"
    elif error["type"] == "missing":
        said = "is missing"
    else:
        said = f"{shown(error['input'])} will not do; {right(error, str(error['loc'][-1]))}"
    return f"{path}: {place(error['loc'])}: {said}."


def place(where: tuple[str | int, ...]) -> str:
    """Where something is, counted from one: "channel 2, alert 1, levels"."""
    parts: list[str] = []
    for one in where:
        if isinstance(one, int) and parts:
            parts[-1] = f"{_NAMES.get(parts[-1], parts[-1])} {one + 1}"
        else:
            parts.append(str(one))
    return ", ".join(parts)
