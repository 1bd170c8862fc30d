"""Which entries are new: by id, link and title, and never by date."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.model.feed import Entry
from bot.releases.seen import New, marked, new_entries


def entry(id: str, title: str, url: str = "") -> Entry:  # noqa: A002
    return Entry("f", id, title, url)


def titles(new: New) -> list[str]:
    return [one.entry.title for one in new.fresh]


def after(before: Sequence[Entry], now: Sequence[Entry]) -> list[str]:
    """What is new in a feed that was `before`, and is as it is `now`."""
    seen = new_entries(before, set(), seeded=False)
    assert seen.fresh == ()
    return titles(new_entries(now, set(seen.marks), seeded=True, usual=seen.size))


A, B = entry("1", "A 1", "https://x/a"), entry("2", "B 2", "https://x/b")


def test_a_new_id_is_new() -> None:
    assert after([A], [B, A]) == ["B 2"]


def test_a_date_is_no_identity() -> None:
    assert after([A, B], [A._replace(published=datetime(2025, 1, 1, tzinfo=UTC)), B]) == []


def test_new_ids_for_everything_are_nothing_new() -> None:
    assert after([A, B], [A._replace(id="x1"), B._replace(id="x2")]) == []


def test_a_corrected_title_is_not_new() -> None:
    assert after([A, B], [A._replace(title="A 1, corrected"), B]) == []
    bare = [A._replace(id=""), B._replace(id="")]
    assert after(bare, [bare[0]._replace(title="A 1, corrected"), bare[1]]) == []


def test_without_ids_another_version_at_the_same_link_is_new() -> None:
    bare = [A._replace(id=""), B._replace(id="")]
    assert after(bare, [bare[0]._replace(title="A 1.1"), bare[1]]) == ["A 1.1"]


def test_where_all_share_a_link_the_title_tells_them_apart() -> None:
    home = [entry("", f"Model {name}", "https://x/") for name in ("alpha", "beta", "gamma")]
    new = entry("", "Model delta", "https://x/")
    assert after(home, [new, *home]) == ["Model delta"]


def test_a_feed_of_one_entry_that_always_links_to_its_page() -> None:
    one, two = entry("", "Alpha", "https://x/"), entry("", "Beta", "https://x/")
    assert after([one], [two]) == ["Beta"]


def test_where_different_entries_share_an_id_the_title_tells_them_apart() -> None:
    same = [entry("1", "Alpha", "https://x/1"), entry("1", "Beta", "https://x/2")]
    assert after(same, [entry("1", "Gamma", "https://x/3"), *same]) == ["Gamma"]


def test_an_entry_that_is_listed_twice_is_one() -> None:
    assert after([A], [B, B, A]) == ["B 2"]


def test_an_empty_answer_is_noted_and_forgets_nothing() -> None:
    seen = new_entries([A, B], set(), seeded=False)
    empty = new_entries([], set(seen.marks), seeded=True, usual=2)
    assert (empty.fresh, empty.size) == ((), 2)
    assert empty.shrunk == "it is empty, where it had 2 entries"
    assert titles(new_entries([A, B], set(seen.marks), seeded=True, usual=2)) == []


def test_one_left_of_many_does_not_become_the_usual_size() -> None:
    many = [entry(str(n), f"T {n}", f"https://x/{n}") for n in range(54)]
    seen = new_entries(many, set(), seeded=False)
    left = new_entries(many[:1], set(seen.marks), seeded=True, usual=54)
    assert (left.size, left.shrunk) == (54, "it lists 1 of the 54 entries that it had")


_TEXTS = st.sampled_from(["", "a", "b", "a 1", "a 2"])
_ENTRIES = st.lists(st.builds(entry, _TEXTS, _TEXTS, _TEXTS), max_size=8)


@given(_ENTRIES, _ENTRIES)
def test_what_was_seen_is_never_new_again(before: list[Entry], now: list[Entry]) -> None:
    known: set[str] = set()
    for held in (before, now, before, now):
        known |= set(new_entries(held, known, seeded=True).marks)
    assert titles(new_entries(before, known, seeded=True)) == []
    assert titles(new_entries(now, known, seeded=True)) == []


@given(_ENTRIES)
def test_every_entry_has_one_identity(entries: list[Entry]) -> None:
    digests = [one.digest for one in marked(entries)]
    assert len(digests) == len(set(digests))
