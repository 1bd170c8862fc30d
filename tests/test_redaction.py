"""What is secret does not get out, in whatever form; what is not, stays."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.redaction import HIDDEN, PART, Redaction

# Made up, of the kinds that there are; the last with all that may be escaped somewhere.
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GAbCdE." + "abcdefghijklmnopqrstuvwxyz0123456789AB"
SLACK = "xoxb-" + "111111111111-2222222222222-AbCdEfGhIjKlMnOpQrStUvWx"
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
ODD = "p\"a's\\s/w+o=r d%&?é\n$§—twice as long"
SECRETS = (DISCORD, SLACK, SIGNING, ODD)

WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: f"token {s} refused",
    "in a header": lambda s: str({"Authorization": f"Bot {s}"}),
    "in quotes of Python": repr,
    "as bytes": lambda s: repr(s.encode()),
    "in JSON": json.dumps,
    "in JSON as it is": lambda s: json.dumps(s, ensure_ascii=False),
    "in an error in JSON": lambda s: json.dumps(repr(ValueError(s)), ensure_ascii=False),
    "in an address": lambda s: f"https://example.com/{quote(s)}",
    "in an address, all of it quoted": lambda s: quote(s, safe=""),
    "in a form": lambda s: urlencode({"x": s}),
    "with a plus for spaces": quote_plus,
    "quoted twice": lambda s: quote(quote(s, safe=""), safe=""),
    "in base64": lambda s: b64encode(s.encode()).decode(),
    "in base64 after one": lambda s: b64encode(b":" + s.encode() + b"!").decode(),
    "in base64 after two": lambda s: b64encode(b"::" + s.encode() + b"!!").decode(),
    "in base64 of addresses": lambda s: urlsafe_b64encode(b"Bot " + s.encode()).decode(),
    "in hexadecimal": lambda s: s.encode().hex(),
    "its first half": lambda s: f"token {s[: len(s) // 2]}… refused",
    "its second half": lambda s: f"…{s[len(s) // 2 :]} refused",
    "out of its middle": lambda s: f"…{s[5:20]}… refused",
    "twice": lambda s: f"{s}{s}",
}


def shows(text: str, secret: str) -> bool:
    """Whether so much of the secret is to be seen that it counts for it."""
    return any(secret[at : at + PART] in text for at in range(len(secret) - PART + 1))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", SECRETS, ids=("discord", "slack", "signing", "odd"))
def test_a_known_secret_is_hidden(secret: str, way: str) -> None:
    written = WAYS[way](secret)
    hidden = Redaction(SECRETS)(written)
    assert HIDDEN in hidden
    assert not shows(hidden, secret)
    # Nor is there more than the edge of what encodes it.
    assert len(hidden.replace(HIDDEN, "")) <= len(written) - min(PART, len(secret) // 2)


def test_a_secret_is_hidden_from_when_it_is_known() -> None:
    redact = Redaction()
    assert redact(f"signed with {SIGNING}") == f"signed with {SIGNING}"
    redact.add(SIGNING)
    assert redact(f"signed with {SIGNING}.") == f"signed with {HIDDEN}."
    redact.add("short1")
    assert redact("not short1, nor shorter") == f"not {HIDDEN}, nor shorter"
    redact.add("")
    assert redact("nothing") == "nothing"


LOOKS = {
    f"took {SLACK}": f"took {HIDDEN}",
    "xapp-1-A0123456789-1234567890123-0a1b2c3d4e5f": HIDDEN,
    "xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTAx": HIDDEN,
    f"Improper token {DISCORD}": f"Improper token {HIDDEN}",
    "POST https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246MTIzNDU2:x?wait=true": (
        f"POST https://discord.com/api/v10/webhooks/123/{HIDDEN}:x?wait=true"
    ),
    "POST http://127.0.0.1:9/api/interactions/123/abcdefghijklmnopqrs/callback": (
        f"POST http://127.0.0.1:9/api/interactions/123/{HIDDEN}/callback"
    ),
    "https://hooks.slack.com/commands/T0123ABCD/123456/AbCdEfGh": (
        f"https://hooks.slack.com/commands/T0123ABCD/{HIDDEN}"
    ),
    "https://hooks.slack.com/services/T0123ABCD/B0123ABCD/AbCdEfGh": (
        f"https://hooks.slack.com/services/T0123ABCD/{HIDDEN}"
    ),
    "wss://wss-primary.slack.com/link/?ticket=12ab-34cd&app_id=A1": (
        f"wss://wss-primary.slack.com/link/?ticket={HIDDEN}&app_id=A1"
    ),
    "GET /slack/oauth_redirect?code=123.456.abc&state=xyz": (
        f"GET /slack/oauth_redirect?code={HIDDEN}&state={HIDDEN}"
    ),
    "postgresql+asyncpg://bot:hunter2@db/aftershock": (
        f"postgresql+asyncpg://bot:{HIDDEN}@db/aftershock"
    ),
    "Authorization: Bearer abcdefghijklmnopqrstuvwxyz": f"Authorization: Bearer {HIDDEN}",
    "{'token': 'whatever-it-is', 'id': '1'}": f"{{'token': '{HIDDEN}', 'id': '1'}}",
    '{"client_secret":"abc","response_url":"http://x/y"}': (
        f'{{"client_secret":"{HIDDEN}","response_url":"{HIDDEN}"}}'
    ),
}


@pytest.mark.parametrize("text", LOOKS)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert Redaction()(text) == LOOKS[text]


@pytest.mark.parametrize(
    "text",
    [
        "Yahoo, daily close: NVDA fell 17.0% to 118.42 on 27 January 2025",
        "on Discord as Aftershock#1234, in 3 servers",
        "GET https://query2.finance.yahoo.com/v8/finance/chart/NVDA?range=5y&interval=1d: 429",
        "the Slack workspace 'Chips' (T0123ABCD) has installed the bot",
        "bot.surfaces.slack.workspaces.requests: 12:30:00.000 http://127.0.0.1:3000",
        'File "bot/delivery.py", line 230, in deliver_while\n    await flights.turn()',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redaction(SECRETS)(text) == text


@example("", ODD, "", 2)  # the line's own quote, and what follows, is as within the secret
@given(st.text(max_size=40), st.sampled_from(SECRETS), st.text(max_size=40), st.integers(0, 40))
def test_a_line_of_json_stays_one(before: str, secret: str, after: str, cut: int) -> None:
    event = {"event": f"{before}{secret[cut:]}{after}", "token": repr(secret), "n": 1}
    hidden = json.loads(Redaction(SECRETS)(json.dumps(event, ensure_ascii=False)))
    assert hidden["n"] == 1
    assert not shows(hidden["event"] + hidden["token"], secret)


@pytest.mark.parametrize("after", ["", "\\", '"', "\n", "x"])
@pytest.mark.parametrize(
    "secret", ["hunter2hunter2\\", 'a"quoted"word\\\\', "e9abcdefghijkl", '"né9']
)
def test_a_secret_that_begins_or_ends_with_half_an_escape_spoils_no_line(
    secret: str, after: str
) -> None:
    for ascii_only in (True, False):
        line = json.dumps({"event": f"é{secret}{after} y"}, ensure_ascii=ascii_only)
        # Whoever quotes an é writes \\u00e9, of which the secret may be the end.
        for text in (line, line.replace("\\u00e9e9", "\\u00e9")):
            event = json.loads(Redaction([secret])(text))["event"]
            assert secret not in event
            assert event.endswith("y")
