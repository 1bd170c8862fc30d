"""The shipped list of policy events."""

from datetime import date

from bot.market.policy import load_policy_events


def test_each_event_has_a_day_a_subject_and_an_official_address() -> None:
    events = load_policy_events()
    assert [event.day for event in events] == sorted(event.day for event in events)
    for event in events:
        assert event.what
        assert event.about
        assert event.source.startswith("https://")
        assert "  " not in event.what
        assert not event.what.endswith(".")  # it stands inside a sentence
    assert len({(event.day, event.what) for event in events}) == len(events)


def test_what_lay_around_the_release_of_r1_is_there() -> None:
    around = [
        event.about
        for event in load_policy_events()
        if date(2025, 1, 19) <= event.day <= date(2025, 1, 28)
    ]
    assert around == ["TikTok", "TikTok", "data centres", "AI rules"]
