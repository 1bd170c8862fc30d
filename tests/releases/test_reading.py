"""Each dialect is read as the golden file beside it says."""

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model.feed import Feed, FeedKind, Voice
from bot.releases.parse import read_now
from bot.releases.parsed import Parsed

FEEDS = Path(__file__).parent / "feeds"
KINDS = {
    "huggingface.json": FeedKind.HUGGING_FACE,
    "openrouter.json": FeedKind.OPENROUTER,
    "modelsdev.json": FeedKind.MODELS_DEV,
    "modelsdev_flat.json": FeedKind.MODELS_DEV,
    "github.json": FeedKind.GITHUB,
    "github.atom.xml": FeedKind.GITHUB,
}
NAMES = sorted(path.name for path in FEEDS.iterdir() if path.is_file())


def a_feed(kind: FeedKind = FeedKind.FEED) -> Feed:
    return Feed("fjord", kind, Voice.LAB, "https://fjord.example/feed", "")


def as_data(parsed: Parsed) -> dict[str, Any]:
    return {
        "dialect": parsed.dialect,
        "title": parsed.title,
        "kind": parsed.kind,
        "notes": list(parsed.notes),
        "entries": [
            {
                "id": entry.id,
                "title": entry.title,
                "url": entry.url,
                "summary": entry.summary,
                "published": entry.published.isoformat() if entry.published else None,
                **({"given": dict(entry.given)} if entry.given else {}),
            }
            for entry in parsed.entries
        ],
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_dialect_is_read_as_its_golden_file_says(name: str) -> None:
    body = (FEEDS / name).read_bytes()
    found = as_data(read_now(a_feed(KINDS.get(name, FeedKind.FEED)), body))
    golden = FEEDS / "golden" / f"{name}.json"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(golden.read_text("utf-8"))


@pytest.mark.parametrize("name", [name for name in KINDS if name.endswith(".json")])
def test_a_list_of_models_is_known_by_its_shape(name: str) -> None:
    parsed = read_now(a_feed(), (FEEDS / name).read_bytes())
    assert parsed.kind is KINDS[name]
    assert parsed.entries


def test_an_odd_row_of_a_list_hides_none_of_the_others() -> None:
    data = json.loads((FEEDS / "openrouter.json").read_text("utf-8"))
    data["data"][1:2] = [7, {"id": "a/b", "name": "A: B", "architecture": "text->text"}]
    parsed = read_now(a_feed(FeedKind.OPENROUTER), json.dumps(data).encode())
    assert [entry.id for entry in parsed.entries][:2] == ["fjord/fjord-3", "openrouter/auto"]
    assert parsed.notes == ("2 of 5 models cannot be read",)


@pytest.mark.parametrize("kind", [kind for kind in FeedKind if kind.structured])
@pytest.mark.parametrize("body", ["[1, 2]", '{"data": 1}', '{"a": []}', '"text"', "[[]]"])
def test_a_list_in_another_shape_is_refused_in_words(kind: FeedKind, body: str) -> None:
    with pytest.raises(SourceError, match=r"not in the shape of|neither"):
        read_now(a_feed(kind), body.encode())


def test_an_error_in_place_of_a_list_is_told_as_the_server_words_it() -> None:
    with pytest.raises(SourceError, match="an error instead of a list: Rate limit exceeded"):
        read_now(a_feed(FeedKind.GITHUB), b'{"message": "Rate limit exceeded", "url": "x"}')


@given(data=st.data(), name=st.sampled_from(NAMES))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_to_a_body_it_is_read_or_refused_in_words(
    data: st.DataObject, name: str
) -> None:
    body = bytearray((FEEDS / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 8))
        body[at : at + length] = data.draw(
            st.binary(max_size=4)
            | st.sampled_from([b"<", b"]]>", b"&#0;", b'"', b"null", b"-1e999"])
        )
    try:
        parsed = read_now(a_feed(KINDS.get(name, FeedKind.FEED)), bytes(body))
    except SourceError:
        return
    for entry in parsed.entries:
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        assert len(entry.summary) <= 300
        assert not {unicodedata.category(one) for one in entry.title + entry.summary} & {"Cc", "Cs"}
        json.dumps(dict(entry.given)).encode()
        (entry.title + entry.summary + entry.id + entry.url).encode()
