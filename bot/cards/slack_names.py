"""The buttons under a message in Slack: the ids by which they come back, and what they say. Pure.

Each under what was told carries the nonce of its message's row in the outbox as its value, so that
it works after a restart, and so does the block it stands in.
"""

EXPLAIN = "aftershock:explain"
SNOOZE_1H = "aftershock:snooze-1h"
SNOOZE_1D = "aftershock:snooze-1d"
SILENCE = "aftershock:silence"
# Its value is the line that was asked, without "/aftershock".
SHARE = "aftershock:share"
# These open a dialog; they stand on the Home tab too.
ADD_ALERT = "aftershock:add-alert"
ADD_SUBSCRIPTION = "aftershock:add-subscription"
LABELS = {
    EXPLAIN: "Explain",
    SNOOZE_1H: "Snooze 1 h",
    SNOOZE_1D: "Snooze 1 d",
    SILENCE: "Silence",
    SHARE: "Share",
    ADD_ALERT: "Add an alert",
    ADD_SUBSCRIPTION: "Add a subscription",
}


def block_id(nonce: str) -> str:
    """The id of the block of buttons under a message."""
    return f"aftershock:{nonce}"
