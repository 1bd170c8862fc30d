"""The names by which what people press and submit comes back. Pure.

The same actions as under a message on Discord; each button carries the nonce of its message's row
in the outbox as its value, so that it works after a restart, and so does the block it stands in.
"""

from bot.cards.slack_names import ADD_ALERT as ADD_ALERT
from bot.cards.slack_names import ADD_SUBSCRIPTION as ADD_SUBSCRIPTION
from bot.cards.slack_names import EXPLAIN as EXPLAIN
from bot.cards.slack_names import SHARE as SHARE
from bot.cards.slack_names import SILENCE as SILENCE
from bot.cards.slack_names import SNOOZE_1D as SNOOZE_1D
from bot.cards.slack_names import SNOOZE_1H as SNOOZE_1H
from bot.cards.slack_names import block_id as block_id

COMMAND = "/aftershock"
# Callback ids of shortcuts and dialogs.
EXPLAIN_SHORTCUT = "aftershock_explain"
ALERT_SHORTCUT = "aftershock_add_alert"
ALERT_DIALOG = "aftershock_alert"
SUBSCRIPTION_DIALOG = "aftershock_subscription"
SILENCE_DIALOG = "aftershock_silence"
# The event type of a message's metadata; its payload is {"nonce": …}.
METADATA = "aftershock_alert"


def nonce_of(block: str) -> str:
    """The nonce that a block's id names; "" for none."""
    lead, _, nonce = block.partition(":")
    return nonce if lead == "aftershock" else ""
