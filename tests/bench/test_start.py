"""What a start is measured by: a child that fails says why, and strange settings do not matter."""

import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.bench.start import until_connected, until_ended

CONNECT = "import os, socket, time; socket.create_connection(('127.0.0.1', {port})); time.sleep(60)"
REFUSE = "import sys; sys.exit('Aftershock already runs there.')"


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as made:
        yield made


def test_a_child_that_connects_is_measured_until_then(listening: socket.socket) -> None:
    code = CONNECT.format(port=listening.getsockname()[1])
    cost = until_connected([sys.executable, "-c", code], {}, listening)
    assert 0 < cost.seconds < 60
    assert cost.work > 0
    assert cost.megabytes > 1


def test_a_child_that_ends_by_itself_says_why(listening: socket.socket) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 1 and had not .* already runs there"):
        until_connected([sys.executable, "-c", REFUSE], {}, listening)
    with pytest.raises(RuntimeError, match=r"ended with 1; it wrote: Aftershock already runs"):
        until_ended([sys.executable, "-c", REFUSE], {})


def test_settings_of_whoever_measures_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` refuses to start with one that it does not know."""
    monkeypatch.setenv("AFTERSHOCK_READER_PYTHON", "python")
    strange = "import os, sys; sys.exit('AFTERSHOCK_READER_PYTHON' in os.environ)"
    until_ended([sys.executable, "-c", strange], {"AFTERSHOCK_DATA": "here"})
