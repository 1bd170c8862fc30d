"""Look-ups that hang: they take few threads, nobody else's, and hold up nothing."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from threading import Event

import pytest

from bot.lookups import MOST_OF_ONE, Lookups, connector, look_up

FOUND: list[tuple[int, str]] = [(socket.AF_INET, "192.0.2.1")]
ANY = socket.AF_UNSPEC


class Names:
    """A look-up that hangs for hosts of which the name begins so, until it is let go."""

    def __init__(self) -> None:
        self.hangs, self.asked, self.let_go = "slow", list[str](), Event()

    def __call__(
        self, host: str, _port: int, _family: socket.AddressFamily
    ) -> list[tuple[int, str]]:
        self.asked.append(host)
        if self.hangs and host.startswith(self.hangs):
            self.let_go.wait(30)
        if host == "none":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host == "odd":
            raise UnicodeError("label too long")
        return FOUND * 2


@pytest.fixture
def names() -> Iterator[Names]:
    found = Names()
    yield found
    found.let_go.set()


async def test_each_address_comes_once(names: Names) -> None:
    assert await Lookups(1, names).ask("fast", 443, ANY) == FOUND


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("none", "Name or service not known"),
        ("odd", "no name that can be looked up"),
        ("slow", r"no address within 0\.05 seconds"),
    ],
)
async def test_what_has_no_address_says_why(names: Names, host: str, said: str) -> None:
    lookups = Lookups(0.05, names)
    for _time in range(2):
        with pytest.raises(OSError, match=said):
            await lookups.ask(host, 443, ANY)


async def test_a_name_that_hangs_takes_few_threads_and_no_other_name_waits(names: Names) -> None:
    lookups = Lookups(0.02, names)
    asked = [lookups.ask("slow", 443, ANY) for _number in range(50)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, OSError) for one in found)
    assert names.asked == ["slow"]  # who asks meanwhile shares it
    for _time in range(10):
        with pytest.raises(OSError, match="no address"):
            await lookups.ask("slow", 443, ANY)
    assert lookups.threads == MOST_OF_ONE
    assert await lookups.ask("fast", 443, ANY) == FOUND
    assert await asyncio.to_thread(lambda: "free") == "free"


async def test_a_name_that_hung_for_good_is_found_again(names: Names) -> None:
    lookups = Lookups(0.02, names)
    with pytest.raises(OSError, match="no address"):
        await lookups.ask("slow", 443, ANY)
    names.hangs = ""  # the next is answered; the one before still hangs
    assert await lookups.ask("slow", 443, ANY) == FOUND
    assert lookups.threads == 1


async def test_where_there_is_no_room_a_name_waits_for_it(names: Names) -> None:
    lookups = Lookups(5, names, most=2)
    hung = [asyncio.create_task(lookups.ask(f"slow{n}", 443, ANY)) for n in range(2)]
    await asyncio.sleep(0)
    waits = asyncio.create_task(lookups.ask("fast", 443, ANY))
    await asyncio.sleep(0.01)
    assert "fast" not in names.asked
    names.let_go.set()
    assert await waits == FOUND
    assert await asyncio.gather(*hung) == [FOUND, FOUND]
    assert lookups.threads == 0


def test_the_end_waits_for_no_look_up(names: Names) -> None:
    async def begin() -> None:
        with pytest.raises(OSError, match="no address"):
            await Lookups(0.02, names).ask("slow", 443, ANY)

    asyncio.run(begin())  # which waits for asyncio's own threads
    left = [each for each in threading.enumerate() if each.name == "names"]
    assert left
    assert all(each.daemon for each in left)
    names.let_go.set()  # after the loop has closed
    for each in left:
        each.join(5)


async def test_this_machine_is_found_and_connected_to() -> None:
    assert look_up("127.0.0.1", 80, socket.AF_INET) == [(socket.AF_INET, "127.0.0.1")]
    found = connector(Lookups())
    [address] = await found._resolve_host("127.0.0.1", 80)
    assert address["host"] == "127.0.0.1"
    await found.close()
