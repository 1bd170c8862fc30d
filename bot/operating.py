"""What looks after a bot, from the command line: each command returns its exit code."""

import argparse
import asyncio
from collections.abc import Callable, Mapping

from bot.config import load

Environ = Mapping[str, str]


def operate(given: argparse.Namespace, environ: Environ) -> int:
    """Do what the command line asks; 0 where all is well. Raises UserError."""
    return COMMANDS[given.command](given, environ)


def _doctor(given: argparse.Namespace, environ: Environ) -> int:
    from bot.doctor import examine

    return asyncio.run(examine(given.config, environ, as_json=given.json))


def _check_config(given: argparse.Namespace, environ: Environ) -> int:
    from bot.doctor import check_config

    return check_config(given.config, environ)


def _migrate(given: argparse.Namespace, environ: Environ) -> int:
    from bot.upkeep import bring_up_to_date

    return bring_up_to_date(load(given.config, environ))


def _backup(given: argparse.Namespace, environ: Environ) -> int:
    from bot.upkeep import back_up

    return back_up(load(given.config, environ), given.file)


def _restore(given: argparse.Namespace, environ: Environ) -> int:
    from bot.upkeep import restore

    return restore(load(given.config, environ), given.file)


def _export(given: argparse.Namespace, environ: Environ) -> int:
    from bot.transfer import export

    return asyncio.run(export(load(given.config, environ), given.file))


def _import(given: argparse.Namespace, environ: Environ) -> int:
    from bot.transfer import take_in

    return asyncio.run(take_in(load(given.config, environ), given.file, dry_run=given.dry_run))


COMMANDS: Mapping[str, Callable[[argparse.Namespace, Environ], int]] = {
    "doctor": _doctor,
    "check-config": _check_config,
    "migrate": _migrate,
    "backup": _backup,
    "restore": _restore,
    "export": _export,
    "import": _import,
}
