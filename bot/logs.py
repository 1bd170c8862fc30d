"""What the program writes of its own doings: text on a terminal, otherwise lines of JSON.

Everything goes through here, also what libraries log, warnings, and errors that nobody caught. No
secret leaves by it: the finished line is searched for them.
"""

import gc
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from bot.errors import UserError
from bot.redaction import Redaction
from bot.sections import LogSettings

if TYPE_CHECKING:
    from bot.config import Settings

# What libraries say all the time, and at which level it begins to matter.
QUIET = {
    "alembic": logging.WARNING,
    "apscheduler": logging.CRITICAL,  # bot.scheduling reports for it
    "aiosqlite": logging.INFO,
    "matplotlib": logging.INFO,
    "PIL": logging.INFO,
}
BROKEN = "a line of the log could not be written ({why})"
# What a terminal would obey, and how it is shown instead.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != 9}
_CONTROLS[10] = "\n    "
# What structlog and other formatters leave on a record.
_OTHERS = ("_logger", "_name", "message", "asctime")

log = logging.getLogger(__name__)


class _Lines(structlog.stdlib.ProcessorFormatter):
    """A record as it is written, without secrets; a call with wrong arguments is one too."""

    def __init__(self, redact: Callable[[str], str], *processors: Processor) -> None:
        super().__init__(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
            processors=[
                _extra,
                _when,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                *processors,
            ],
        )
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        try:
            record.getMessage()
        except Exception:  # noqa: BLE001 - whatever it is, the line says as much as it can
            record = logging.makeLogRecord(record.__dict__)
            record.msg, record.args = f"{record.msg} {record.args!r}", None
        return self._redact(super().format(record))


class _Errors(logging.StreamHandler[TextIO]):
    """Writes to standard error, whatever that is at the moment; the prompt puts its own there."""

    def __init__(self, formatter: logging.Formatter, redact: Callable[[str], str]) -> None:
        logging.Handler.__init__(self)
        self._redact = redact
        self.setFormatter(formatter)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a line is missing. The standard library would show what it was made of."""
        said = BROKEN.format(why=f"{record.name}, {type(sys.exception()).__name__}")
        with suppress(Exception):
            self.stream.write(f"{self._redact(said)}\n")


@dataclass(frozen=True)
class Written:
    """The log while it is written; `remove` puts back what was there before."""

    handler: logging.Handler
    redact: Redaction
    remove: Callable[[], None]


@contextmanager
def written(settings: "Settings") -> Iterator[Written]:
    """The log, until the context ends; an error that ends the program is in it.

    It surrounds the event loop: what closing that brings to light is logged too. Raises
    SystemExit after such an error. What main says itself is raised: UserError, without any secret,
    MemoryError and BrokenPipeError.
    """
    begun = begin(settings, secrets_of(settings))
    try:
        yield begun
    except UserError as error:
        raise UserError(begun.redact(str(error))) from None
    except (MemoryError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends the program
        sys.excepthook(type(error), error, error.__traceback__)
        raise SystemExit(1) from None
    finally:
        gc.collect()  # a task that failed unheard says so when it is let go: still into the log
        begun.remove()


def begin(settings: "Settings", secrets: Mapping[str, str]) -> Written:
    """Write what is logged from now on, as the settings say, without any of `secrets`' values."""
    redact = Redaction(secrets.values())
    handler = _Errors(formatter(settings.log, redact, terminal=sys.stderr.isatty()), redact)
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in (None, *QUIET)}
    root.addHandler(handler)
    root.setLevel(settings.log.level.upper())
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.captureWarnings(True)
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    sys.excepthook, threading.excepthook = _uncaught, _uncaught_in_thread
    sys.unraisablehook = _unraisable

    def remove() -> None:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks

    return Written(handler, redact, remove)


def formatter(
    settings: LogSettings, redact: Callable[[str], str], *, terminal: bool
) -> logging.Formatter:
    """Turns records into lines: text or JSON, as the settings say; on a terminal in colour."""
    if settings.format == "text" or (settings.format == "auto" and terminal):
        console = structlog.dev.ConsoleRenderer(
            colors=terminal,
            pad_event_to=0,
            exception_formatter=structlog.dev.plain_traceback,
        )
        return _Lines(redact, _harmless, console)
    return _Lines(redact, _ordered, _as_json)


def secrets_of(settings: "Settings") -> dict[str, str]:
    """Each secret that is set, by the name of its setting."""
    from bot.config import SECRETS

    found = {name: getattr(settings, name) for name in SECRETS}
    return {name: value.get_secret_value() for name, value in found.items() if value is not None}


def _extra(logger: Any, method: str, event: EventDict) -> EventDict:
    """What a call gave beside its words; the line of a warning ends without its line break."""
    event = structlog.stdlib.ExtraAdder()(logger, method, event)
    event["event"] = str(event["event"]).rstrip()
    return {key: value for key, value in event.items() if key not in _OTHERS}


def _when(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """When the record was made, UTC."""
    moment = datetime.fromtimestamp(event["_record"].created, UTC)
    event["timestamp"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _harmless(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Nothing in it moves the cursor, or begins a line that looks like another record."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = value.translate(_CONTROLS)
    if "exception" in event:
        shown = (line.translate(_CONTROLS) for line in str(event["exception"]).split("\n"))
        event["exception"] = "\n".join(shown)
    return event


def _ordered(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """What every line has comes first, and the long traceback last."""
    first = ("timestamp", "level", "logger", "event")
    last = ("exception",) if "exception" in event else ()
    between = [key for key in event if key not in (*first, *last)]
    return {key: event[key] for key in (*first, *between, *last)}


def _as_json(_logger: Any, _method: str, event: EventDict) -> str:
    return json.dumps(event, default=repr, ensure_ascii=False)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the program is logged like everything else."""
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("the program ends because of an error", exc_info=(kind, error, trace))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is None or found.exc_type is SystemExit:
        return
    name = found.thread.name if found.thread else "unknown"
    log.error(
        "the thread %s ended because of an error",
        name,
        exc_info=(found.exc_type, found.exc_value, found.exc_traceback),
    )


def _unraisable(found: Any) -> None:
    why = found.err_msg or "an error could not be raised in"
    error = found.exc_value
    log.error("%s: %r", why, found.object, exc_info=error if error is not None else False)
