"""The command line: run, demo, ask, replay, what sets the bot up and what looks after it."""

import argparse
import asyncio
import codecs
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from bot.arguments import OPERATING, parser, read_date, read_levels, read_speed, read_targets
from bot.errors import UserError
from bot.memory import collect_seldom

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.model.card import Card
    from bot.parsing import Parsed
    from bot.services import Services

USAGE = 2
# What a terminal without our signs is shown: a minus sign that became "?" would be no sign.
PLAIN = {"−": "-", "–": "-", "…": "...", "·": "-", "“": '"', "”": '"', "’": "'", "±": "+/-"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exits 2 with one line where what was asked cannot be."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an old locale may not have "−" or "↳"
            codecs.register_error("aftershock", _plain)
            stream.reconfigure(errors="aftershock")
    collect_seldom()
    try:
        _main(parser().parse_args(arguments))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(USAGE)
    except MemoryError:
        print(
            "There is too little memory for this; end other programs or give it more.",
            file=sys.stderr,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has left; that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lost), error.end


def _main(given: argparse.Namespace) -> None:
    if given.version:
        from importlib.metadata import version

        print(f"aftershock {version('aftershock')}")
    elif given.command in OPERATING:
        from bot.operating import operate

        sys.exit(operate(given, os.environ))
    elif given.command in COMMANDS:
        done = COMMANDS[given.command](given)
        if done is not None:
            asyncio.run(done)
    else:
        parser().print_help()


@contextmanager
def _end_on_signals() -> Iterator[None]:
    """Until anything is open, a signal simply ends the program: that is no failure either.

    It does so at once: an exception could come in the middle of whatever is being set up. Once the
    context ends, signals do what they did before.
    """
    names = [signal.SIGTERM]
    if not sys.stdin.isatty():  # at a prompt Ctrl-C is the prompt's
        names.append(signal.SIGINT)
    before = {name: signal.signal(name, lambda *_: os._exit(0)) for name in names}
    try:
        yield
    finally:
        for name, what in before.items():
            signal.signal(name, signal.SIG_DFL if what is None else what)


def _settings(given: argparse.Namespace) -> "Settings":
    from bot.config import load

    return load(given.config, os.environ)


async def _ask(given: argparse.Namespace) -> None:
    from bot.commands import parse

    as_of = _end_of(given.as_of, "--as-of")
    known_at = _end_of(given.known_at, "--known-at")
    parsed = parse(given.line)
    # Help needs no settings: it comes at once, and also where they are wrong.
    helps = parsed.command.path == ("help",) and given.config is None
    settings = None if helps else _settings(given)
    card = await _answer(parsed, settings, as_of, known_at)
    from bot.cards.to_text import to_json

    if given.json:
        print(to_json(card))
        return
    from bot.surfaces.terminal import Terminal

    if settings is None:
        await Terminal(None).card(card)
    else:
        await Terminal(settings.charts_folder(), dark=settings.console.theme == "dark").card(card)


def _end_of(text: str | None, option: str) -> datetime | None:
    """The end of the day that an option names; of today too, but of no day that has not begun."""
    from bot.services import SystemClock

    if text is None:
        return None
    day = read_date(text)
    if day > SystemClock().now().date():
        raise UserError(f"{option} {day} has not come yet; give today or an earlier day.")
    return datetime.combine(day, time(23, 59, 59, 999_999, tzinfo=UTC))


async def _answer(
    parsed: "Parsed", settings: "Settings | None", as_of: datetime | None, known_at: datetime | None
) -> "Card":
    from bot.model.receiver import Receiver
    from bot.services import SystemClock
    from bot.surfaces.answering import answer

    console = Receiver(0, "console", "local", "console")
    if settings is None or parsed.command.path == ("help",):
        return await answer(parsed, None, console, as_of or SystemClock().now())
    from bot.app import open_services

    async with open_services(settings) as services:
        now = services.clock.now()
        if as_of is not None and parsed.command.changes:
            raise UserError(
                "--as-of asks about the past; it cannot go with a command that changes settings."
            )
        at = min(now, as_of) if as_of else now
        return await answer(parsed, services, console, at, known_at=known_at)


async def _demo(given: argparse.Namespace) -> None:
    from bot.demo import demo
    from bot.surfaces.terminal import Terminal

    settings = _settings(given)
    terminal = Terminal(settings.charts_folder(), dark=settings.console.theme == "dark")
    await demo(settings, terminal, interactive=not given.no_input)


async def _replay(given: argparse.Namespace) -> None:
    from bot.demo import plan, replay_json, replay_text
    from bot.surfaces.terminal import Terminal

    settings = _settings(given)
    targets, levels = read_targets(given.symbols), read_levels(given.levels)
    chosen = plan(settings, read_date(given.first), read_date(given.last), targets, levels)
    speed = read_speed(given.speed)
    if given.json:
        print(await replay_json(settings, chosen, speed))
    else:
        terminal = Terminal(settings.charts_folder(), dark=settings.console.theme == "dark")
        await replay_text(settings, chosen, terminal, speed)


def _invite(given: argparse.Namespace) -> None:
    from bot.surfaces.discord_invite import application_of, invite_url

    settings = _settings(given)
    token = settings.discord_token
    if given.application_id is None and token is None:
        raise UserError(
            "Set AFTERSHOCK_DISCORD_TOKEN, or give --application-id with the number that "
            "discord.com/developers shows under General Information."
        )
    known = given.application_id or application_of(token.get_secret_value() if token else "")
    print(invite_url(known))
    print(
        "Opened in a browser, it asks for six permissions: see channels, write in them and in "
        "threads, embed links, attach files, read history. No privileged intent is needed.",
        file=sys.stderr,
    )


def _slack_manifest(given: argparse.Namespace) -> None:
    from bot.surfaces.slack.manifest import as_json, manifest

    print(as_json(manifest(url=given.url)))
    print("Paste it at api.slack.com/apps: Create New App, From a manifest, JSON.", file=sys.stderr)


async def _feed_check(given: argparse.Namespace) -> None:
    from bot.feed_check import check
    from bot.services import SystemClock

    allowed = frozenset(_settings(given).feeds.allow if "://" in given.target else ())
    now = SystemClock().now()
    text, readable = await check(given.target, json_out=given.json, now=now, allowed=allowed)
    print(text)
    if not readable:
        sys.exit(USAGE)


def _detect(given: argparse.Namespace) -> None:
    from bot.detecting import run_detect
    from bot.releases.shipped import load_labs
    from bot.releases.sources import load_feeds

    sys.exit(
        run_detect(sys.stdin, sys.stdout, labs=load_labs(), feeds=load_feeds(), as_json=given.json)
    )


def _slack_key(_given: argparse.Namespace) -> None:
    from bot.surfaces.slack.vault import new_key

    print(new_key())


def _run(given: argparse.Namespace) -> None:
    with _end_on_signals():
        from bot import logs

        settings = _settings(given)
        with logs.written(settings) as written:
            asyncio.run(_watch(settings, written.redact.add))


async def _watch(settings: "Settings", keep_secret: Callable[[str], None]) -> None:
    from bot.app import CONSOLE, run
    from bot.surfaces.terminal import Terminal

    terminal = Terminal(settings.charts_folder(), dark=settings.console.theme == "dark")

    async def interact(services: "Services") -> None:
        from bot.surfaces.prompt import converse

        terminal.line("Watching. Messages appear here; type /help for what you can ask, or exit.")
        await converse(services, CONSOLE, terminal, settings.data_folder() / "history")

    asked = interact if sys.stdin.isatty() else None
    await run(settings, terminal.message, asked, keep_secret=keep_secret)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, None] | None]] = {
    "run": _run,
    "demo": _demo,
    "ask": _ask,
    "replay": _replay,
    "invite": _invite,
    "slack-manifest": _slack_manifest,
    "slack-key": _slack_key,
    "feed": _feed_check,
    "detect": _detect,
}

if __name__ == "__main__":
    main()
