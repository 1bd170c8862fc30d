"""What Slack's refusals and broken connections mean for the message that was to be sent. Pure."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError, SurfaceStopped
from bot.surfaces.slack.workspaces import code_of

LEAST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 3600.0
# Where a connection cannot be made, nothing leaves; trying every second would help nobody.
UNREACHED_SECONDS = 5.0
# A workspace that is being moved into an organisation; that takes a while, and passes.
MOVING, MOVING_SECONDS = "org_login_required", 300.0
RATE_LIMITED = ("ratelimited", "rate_limited", "message_limit_exceeded")
# Slack's own faults, and those of what stands before it: the message may be stored all the same.
_FAULTS = (
    "fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org",
)  # fmt: skip
_MESSAGE_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")
# A reply that cannot stand under its message is said beside it.
NO_REPLY = (
    "thread_not_found", "cannot_reply_to_message", "invalid_thread_ts", "message_not_found",
    "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
)  # fmt: skip
# The message is at fault, not the channel.
OF_FORM = (
    "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text",
    "invalid_arguments", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large",
)  # fmt: skip
_OUTSIDE = "the bot is not in the channel; type /invite @Aftershock there"
_NOT_ALLOWED = "the bot may not post there; ask a workspace admin to allow it"
_NO_DIRECT = "the person takes no direct messages from the bot"
# Refusals of the channel, by Slack's word: the reason, as `/status` gives it to people.
_OF_CHANNEL = {
    "channel_not_found": _OUTSIDE,
    "not_in_channel": _OUTSIDE,
    "is_archived": "the channel is archived; unarchive it",
    "restricted_action": _NOT_ALLOWED,
    "restricted_action_read_only_channel": _NOT_ALLOWED,
    "restricted_action_thread_only_channel": "the channel takes only replies; choose another one",
    "no_permission": _NOT_ALLOWED,
    "access_denied": _NOT_ALLOWED,
    "posting_to_channel_denied": _NOT_ALLOWED,
    "ekm_access_denied": "the workspace's admins have suspended posting",
    "channel_type_not_supported": "nothing can be posted in a conversation of this kind",
    "messages_tab_disabled": "the app takes no direct messages; turn on its Messages tab",
    "user_disabled": _NO_DIRECT,
    "cannot_dm_bot": _NO_DIRECT,
}


def status_of(error: SlackApiError) -> int:
    """The HTTP status of the answer; 0 where there is none."""
    response = error.response
    found = getattr(response, "status_code", None) or getattr(response, "status", 0)
    return int(found or 0)


def asked_to_wait(error: SlackApiError) -> float | None:
    """How many seconds Slack asks to wait; None where it does not."""
    if status_of(error) != 429 and code_of(error) not in RATE_LIMITED:
        return None
    seconds = retry_after(error)
    return LEAST_WAIT_SECONDS if seconds is None else seconds


def retry_after(error: SlackApiError) -> float | None:
    """The seconds in an answer's Retry-After, an hour at most; None where that says nothing."""
    headers: Mapping[str, str] = getattr(error.response, "headers", None) or {}
    try:
        seconds = float(headers["Retry-After"])
    except (KeyError, TypeError, ValueError):
        return None
    # What stands before Slack may write anything there.
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS) if isfinite(seconds) else None


def reasons_of(error: SlackApiError) -> str:
    """What Slack says of blocks that it does not take; "" where it says nothing."""
    data: Any = getattr(error.response, "data", None)
    if not isinstance(data, dict):
        return ""
    told = [*(data.get("errors") or ()), *(data.get("response_metadata", {}).get("messages") or ())]
    return "; ".join(dict.fromkeys(str(one).removeprefix("[ERROR] ") for one in told))


def is_of_a_file(error: SlackApiError) -> bool:
    """Whether Slack does not take the picture that the blocks name (not yet, or not any more)."""
    said = reasons_of(error)
    return code_of(error) == "invalid_blocks" and ("slack file" in said or "slack_file" in said)


def is_of_looking(error: SlackApiError, meaning: Exception) -> bool:
    """Whether Slack only does not let the app read a channel, which says nothing of writing there.

    `meaning` is what the same refusal of a message would mean.
    """
    code = code_of(error)
    if code == "missing_scope":
        return True
    final = isinstance(meaning, DeliveryError) and meaning.permanent
    return final and code not in _OF_CHANNEL


def refusal(error: Exception) -> Exception:
    """What an error of the client means for the row that was to be sent, as something to raise.

    Not for a refused token, which says nothing of the row.
    """
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return DeliveryError("Slack cannot be reached", after=UNREACHED_SECONDS)
    if isinstance(error, (OSError, DeliveryError, SurfaceStopped)):
        return error
    return ConnectionError(type(error).__name__)


def _of_answer(error: SlackApiError) -> Exception:
    code, status = code_of(error), status_of(error)
    seconds = asked_to_wait(error)
    if seconds is not None:
        return DeliveryError("Slack asks to wait", after=seconds)
    if code == MOVING:
        said = f"the workspace is being moved into an organisation on Slack ({MOVING})"
        return DeliveryError(said, after=MOVING_SECONDS)
    if status >= 500 or code in _FAULTS:
        return ConnectionError(f"Slack has a fault of its own ({code or status})")
    if not code:
        if status == 200:
            return ConnectionError("Slack's answer cannot be read")
        return DeliveryError(f"something before Slack refuses it ({status})")
    if code in _MESSAGE_GONE:
        said = "the message to edit was deleted, or may not be edited any more"
        return DeliveryError(said, permanent=True, blames=False)
    if code == "missing_scope":
        # Nobody's channel is at fault, and what waits is sent once the app is installed again.
        return DeliveryError("the app lacks a permission; install it again in the workspace")
    if code in _OF_CHANNEL:
        return DeliveryError(_OF_CHANNEL[code], permanent=True)
    said = f"Slack refuses it: {code}"
    return DeliveryError(said, permanent=True, blames=code not in OF_FORM)
