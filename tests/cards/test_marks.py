"""What has come of an alert since, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cards.marks import deeper_mark, lasting, mark_lines, silence_mark, with_mark
from bot.cards.notices import card_of

UNTIL = datetime(2025, 1, 27, 18, 0, tzinfo=UTC)
ANN = silence_mark("Snoozed", "Ann", UNTIL, "UTC", "ai")
BOB = silence_mark("Silenced", "Bob on Slack", UNTIL + timedelta(days=1), "Asia/Taipei", "ai")
DEEPER = deeper_mark(150_000, UNTIL, "UTC")
RELEASED = {
    "version": 1, "kind": "release", "lab": "deepseek", "lab_name": "DeepSeek", "model": "R1",
    "model_kind": "language", "released_on": "2025-01-20", "open_weights": True, "exposed": [],
    "other_dates": "", "url": "", "source": "a list",
}  # fmt: skip


def test_a_mark_says_who_did_what_until_when_on_the_channels_own_clock() -> None:
    assert mark_lines([ANN, BOB]) == (
        "Snoozed by Ann until Mon 27 Jan 2025, 18:00 UTC",
        "Silenced by Bob on Slack until Wed 29 Jan 2025, 02:00 Asia/Taipei",
    )
    nobody = silence_mark("Silenced", "", UNTIL, "UTC", "ai")
    assert mark_lines([nobody])[0].startswith("Silenced by somebody until")


def test_a_mark_says_how_deep_it_went() -> None:
    elsewhere = deeper_mark(150_000, UNTIL, "UTC", title="AI stocks")
    other = deeper_mark(0, UNTIL, "UTC", text="NVDA is up 12.0%")
    assert mark_lines([DEEPER, elsewhere, other]) == (
        "Went on to −15%, told on 27 Jan 2025, 18:00 UTC",
        "AI stocks went on to −15%, told on 27 Jan 2025, 18:00 UTC",
        "NVDA is up 12.0%, told on 27 Jan 2025, 18:00 UTC",
    )


def test_what_a_newer_program_marks_is_left_out() -> None:
    assert mark_lines([{"kind": "applause"}]) == ()


def test_a_later_mark_takes_the_place_of_the_earlier() -> None:
    assert with_mark([ANN], BOB) == [BOB]
    assert with_mark([ANN], DEEPER) == [DEEPER, ANN]
    deeper = deeper_mark(200_000, UNTIL, "UTC")
    assert with_mark([DEEPER, ANN], deeper) == [deeper, ANN]
    elsewhere = deeper_mark(200_000, UNTIL, "UTC", title="AI stocks")
    assert with_mark([DEEPER], elsewhere) == [DEEPER, elsewhere]


def test_only_a_silence_that_lasts_outlives_a_recovery() -> None:
    assert lasting([DEEPER, ANN, BOB], UNTIL) == [BOB]


def test_a_message_carries_its_marks() -> None:
    facts: dict[str, Any] = RELEASED
    assert card_of(facts).marks == ()
    marked = card_of({**facts, "marks": [ANN]})
    assert marked.marks == ("Snoozed by Ann until Mon 27 Jan 2025, 18:00 UTC",)


def test_a_note_is_said_as_it_is() -> None:
    card = card_of({"version": 1, "kind": "note", "title": "Linked", "text": "End it."})
    assert (card.title, card.text) == ("Linked", "End it.")
