"""The whole program in a process of its own, all its sources and surfaces on 127.0.0.1."""

import asyncio
import logging
import sys
from pathlib import Path

from bot import hearing
from bot.app import run
from bot.config import load
from bot.model.feed import Feed, FeedKind, Voice
from bot.surfaces.console import Shown


async def _show(_shown: Shown) -> None:
    pass


def main() -> None:
    """Run in the folder that is named first, with the feeds at the addresses that follow."""
    folder, urls = Path(sys.argv[1]), sys.argv[2:]
    logging.basicConfig(filename=folder / "log", level=logging.INFO)
    feeds = {
        f"feed-{at}": Feed(f"feed-{at}", FeedKind.FEED, Voice.NEWS, url, f"feed-{at}")
        for at, url in enumerate(urls)
    }
    vars(hearing)["load_feeds"] = lambda: feeds  # those that ship are elsewhere
    asyncio.run(run(load(None, _environ(folder)), _show, None))


def _environ(folder: Path) -> dict[str, str]:
    rows = (folder / "environ").read_text().splitlines()
    return dict(row.split("=", 1) for row in rows)


if __name__ == "__main__":
    main()
