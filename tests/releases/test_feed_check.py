"""`aftershock feed check`: what it says of our fixtures; and it reads all that was recorded."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import _feed_check
from bot.arguments import parser
from bot.errors import UserError
from bot.feed_check import check
from bot.model.feed import Judgement
from tests.labelled import DATA
from tests.servers.feeds import serving

FEEDS = Path(__file__).parent / "feeds"
NOW = datetime(2025, 1, 28, 12, 0, tzinfo=UTC)
PAGE = b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body/></html>"

FEED = b"""<rss version="2.0"><channel><title>Ours</title><item><title>Introducing GPT-7.5</title>
<link>https://openai.com/index/gpt-7-5</link><guid>1</guid></item></channel></rss>"""


async def said(path: Path | str) -> str:
    text, _read = await check(str(path), json_out=False, now=NOW)
    return text


async def test_a_feed_of_one_link_is_said_to_have_one_and_is_told_apart_by_titles() -> None:
    text = await said(FEEDS / "rss_20_shared.xml")
    assert text.startswith("rss_20_shared.xml: 4 entries, RSS 2.0 “One page for all”")
    assert "Apart     3 by id, or by link and title" in text
    assert "a first look remembers all of them and posts none" in text
    assert "All 4 entries have no id; link and title stand in for it." in text
    assert "All 4 entries have a link that others have, so it names none." in text
    assert "1 entry cannot be told from another." in text
    assert "All dates are the same, so they say nothing." in text


async def test_an_empty_feed_changes_nothing() -> None:
    text = await said(FEEDS / "rss_20_empty.xml")
    assert text.startswith("rss_20_empty.xml: 0 entries, RSS 2.0 “Nothing today”")
    assert "an empty answer changes nothing" in text


async def test_a_feed_that_has_gone_quiet_is_said_to_have() -> None:
    assert "Nothing new for 699 days, since 1 Mar 2023." in await said(FEEDS / "atom_03.xml")


async def test_what_would_be_posted_is_listed_with_its_reason() -> None:
    text, read = await check(str(FEEDS / "openrouter.json"), json_out=True, now=NOW)
    found = json.loads(text)
    assert read
    assert found["dialect"] == "OpenRouter's list of models"
    assert found["entries"] == 4
    assert found["posted_at_first"] == 0
    fates = {one["title"]: one["fate"] for one in found["judged"]}
    assert fates["Auto Router"] == "no"
    assert all(one["reason"] for one in found["judged"])


async def test_a_bot_check_in_place_of_a_feed_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "news.xml"
    path.write_bytes(PAGE)
    text, read = await check(str(path), json_out=False, now=NOW)
    assert not read
    assert text == "news.xml: cannot be read: a web page instead of a feed: a bot check."
    text, read = await check(str(path), json_out=True, now=NOW)
    assert json.loads(text) == {
        "source": "news.xml",
        "ok": False,
        "reason": "a web page instead of a feed: a bot check",
    }


async def test_invalid_xml_is_said_to_be_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "news.xml"
    path.write_bytes(b"<rss>\n<channel>\n<item><title>a</titel></item></channel></rss>")
    assert await said(path) == (
        "news.xml: cannot be read: the XML is invalid at line 3: </titel> closes <title>, "
        "which was opened at line 3."
    )


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest", "http://127.0.0.1/feed", "file:///etc/passwd"]
)
async def test_an_address_that_is_not_public_is_refused_in_words(address: str) -> None:
    text, read = await check(address, json_out=False, now=NOW)
    assert not read
    assert text.startswith(f"{address}: cannot be read: ")
    assert "Error" not in text


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("http://127.0.0.1:8080/feed", 'add "127.0.0.1:8080" to feeds.allow in the settings.'),
        ("http://[::1]/feed", 'add "[::1]:80" to feeds.allow in the settings.'),
        ("https://feeds.lan/", 'add "feeds.lan:443" to feeds.allow in the settings.'),
        ("https://feeds.org:8443/", 'add "feeds.org:8443" to feeds.allow in the settings.'),
        # Nothing that could be allowed.
        ("file:///etc/passwd", "are read."),
        ("https://ann@feeds.org/", "write it without."),
    ],
)
async def test_a_refused_address_comes_with_the_setting_that_allows_it(
    address: str, advice: str
) -> None:
    text, _read = await check(address, json_out=False, now=NOW)
    assert text.endswith(advice)


async def test_the_setting_that_is_named_lets_the_address_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AFTERSHOCK_DATA", str(tmp_path))
    async with serving() as server:
        url = server.url("/feed.xml")
        server.put("/feed.xml", FEED)
        asked = parser().parse_args(["feed", "check", url])
        with pytest.raises(SystemExit) as ended:
            await _feed_check(asked)
        assert ended.value.code == 2
        assert f'add "{server.place}" to feeds.allow' in capsys.readouterr().out
        monkeypatch.setenv("AFTERSHOCK_FEEDS__ALLOW", f'["{server.place}"]')
        await _feed_check(asked)
    assert "cannot be read" not in capsys.readouterr().out


async def test_a_file_that_is_not_there_is_said_not_to_be() -> None:
    with pytest.raises(UserError, match="neither a file nor an address"):
        await check("no-such-file.xml", json_out=False, now=NOW)


async def test_every_recorded_feed_is_read_or_refused_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of thousands of entries; how they are judged is measured elsewhere.
    quick = Judgement(False, 1.0, "not judged")
    monkeypatch.setattr("bot.feed_check.detect.judge", lambda *_given: quick)
    folder = DATA / "feeds"
    if not folder.is_dir():
        pytest.skip(f"the recorded feeds are not here: {folder}")
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in (".xml", ".json")]
    assert len(files) > 60
    for path in files:
        text, read = await check(str(path), json_out=True, now=NOW)
        found = json.loads(text)
        assert read is not path.name.startswith("BROKEN"), text
        if not read:
            expected = "bot check" if "cloudflare" in path.name else "line"
            assert expected in found["reason"]
            continue
        empty = path.stat().st_size < 900 and "incidents" in path.parts
        assert (found["entries"] == 0) is empty, path.name
        assert "&lt;" not in text
        assert "&amp;" not in text
        assert all(one["url"].startswith(("http", "")) for one in found["judged"])
