"""Tokens sealed and opened: by the right keys, for the right workspace, and by nobody else."""

import pytest

from bot.errors import UserError
from bot.surfaces.slack.vault import Vault, new_key

TOKEN = "xoxb-very-secret"
KEY = "4RpQOpCiBkAkCrP8QqDnnIkYjGJXRG7yUP9gFVhLsPc="


def test_a_token_opens_with_its_key_only() -> None:
    key = new_key()
    sealed = Vault(key).seal("T1", TOKEN)
    assert TOKEN not in sealed
    assert Vault(key).open("T1", sealed) == TOKEN
    assert Vault(new_key()).open("T1", sealed) is None


def test_a_token_opens_for_its_own_workspace_only() -> None:
    vault = Vault(new_key())
    sealed = vault.seal("T1", TOKEN)
    assert vault.open("T2", sealed) is None
    assert not vault.is_current("T2", sealed)


@pytest.mark.parametrize("broken", ["", "gAAAA", "not a sealed token", "ü", TOKEN])
def test_what_was_never_sealed_does_not_open(broken: str) -> None:
    assert Vault(new_key()).open("T1", broken) is None


def test_a_new_key_in_front_seals_while_the_old_one_still_opens() -> None:
    old, new = new_key(), new_key()
    sealed = Vault(old).seal("T1", TOKEN)
    both = Vault(f"{new}, {old}")
    assert both.open("T1", sealed) == TOKEN
    assert not both.is_current("T1", sealed)
    again = both.seal("T1", TOKEN)
    assert both.is_current("T1", again)
    assert Vault(new).open("T1", again) == TOKEN


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("hunter2", "no key"),
        ("", "no key"),
        (KEY[:-2], "no key"),
        (f"{KEY},hunter2", "no list of keys"),
        (f"{KEY},", "no list of keys"),
        ("ü" * 44, "no key"),
    ],
)
def test_a_malformed_key_is_refused_without_being_shown(keys: str, what: str) -> None:
    with pytest.raises(UserError) as refused:
        Vault(keys)
    assert str(refused.value) == (
        f"AFTERSHOCK_SLACK_KEY is {what}; make one with aftershock slack-key, and write several "
        "with commas in between."
    )
    assert refused.value.__suppress_context__


def test_a_vault_shows_no_key() -> None:
    key = new_key()
    assert key not in f"{Vault(key)!r}{vars(Vault(key))}"
