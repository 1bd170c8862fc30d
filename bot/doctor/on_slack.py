"""Slack: are the settings complete, does it take each token, and is the bot in its channels?"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor import grouped
from bot.doctor.context import Examination
from bot.doctor.finding import Finding, ok, unchecked, wrong
from bot.doctor.grouped import Trouble
from bot.doctor.pace import Pace
from bot.doctor.stored import Followed
from bot.errors import UserError
from bot.lookups import Lookups, connector
from bot.model.wording import count, listing
from bot.surfaces.slack import acquainted, link
from bot.surfaces.slack.manifest import SCOPES
from bot.surfaces.slack.places import is_direct
from bot.surfaces.slack.refusals import retry_after
from bot.surfaces.slack.setting import Mode, check
from bot.surfaces.slack.vault import Vault
from bot.surfaces.slack.workspaces import REFUSED, TIMEOUT_SECONDS, client_of, code_of
from storage.slack_installs import SlackInstall

AREA = "slack"
PER_SECOND = 2  # Slack takes some fifty of a kind in a minute
WHOLE_SECONDS = 50.0
# Channels that the bot is not in are asked for one by one, so many of a workspace.
MOST_ASKED = 40
PAGE = 999
PAGES = 20
APPS = "api.slack.com/apps"
_FAILED = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)
_ENDED = "Remove what it follows, or choose another channel and type /aftershock setup there."


async def examine(examination: Examination) -> list[Finding]:
    """The settings, each token, each channel; nothing where Slack is not set up."""
    settings = examination.settings
    if not settings.speaks_slack():
        return []
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)
    try:
        mode = check(settings)
    except UserError as error:
        found = [wrong(AREA, "settings", str(error), "Set or unset the variable that it names.")]
        mode = Mode.NONE
    else:
        found = [ok(AREA, "settings", f"complete: {mode.value}")]
    session = aiohttp.ClientSession(
        connector=connector(Lookups()),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        trace_configs=[examination.trace()],
    )
    async with session:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await _tokens(examination, mode, session, found)
        except TimeoutError:
            said = f"there was no time for more within {WHOLE_SECONDS:g} seconds"
            found.append(unchecked(AREA, "channels", said))
    return found


async def _tokens(
    examination: Examination, mode: Mode, session: aiohttp.ClientSession, found: list[Finding]
) -> None:
    settings, stored = examination.settings, examination.stored
    api = settings.slack.api_url
    if settings.slack_app_token is not None and settings.slack.mode == "socket":
        found.append(
            await _app_token(client_of(None, api, session), _plain(settings.slack_app_token))
        )
    followed = [one for one in stored.followed if one.surface == "slack"] if stored else None
    if settings.slack_bot_token is not None:
        client = client_of(_plain(settings.slack_bot_token), api, session)
        await _workspace(client, "bot token", acquainted.TOKEN_REFUSED, followed, None, found)
    if mode is Mode.WORKSPACES:
        if stored is None:
            found.append(unchecked(AREA, "workspaces", "the database could not be read"))
            return
        assert settings.slack_key is not None
        await _workspaces(
            _plain(settings.slack_key), api, session, stored.installs, followed, found
        )


async def _workspaces(
    keys: str,
    api: str,
    session: aiohttp.ClientSession,
    installs: Sequence[SlackInstall],
    followed: Sequence[Followed] | None,
    found: list[Finding],
) -> None:
    try:
        vault = Vault(keys)
    except UserError as error:
        mend = "Type: aftershock slack-key, and set AFTERSHOCK_SLACK_KEY to what it prints."
        found.append(wrong(AREA, "key", str(error), mend))
        return
    if not installs:
        found.append(ok(AREA, "workspaces", "none has installed the bot yet"))
    for install in installs:
        token = vault.open(install.team, install.token)
        name = f"workspace {install.name}"
        if token is None:
            mend = (
                "Add the key that it was encrypted with to AFTERSHOCK_SLACK_KEY, or install the "
                "bot there again."
            )
            found.append(wrong(AREA, name, "no key in AFTERSHOCK_SLACK_KEY opens its token", mend))
            continue
        refused = "Slack refuses the workspace's token ({code}); install the bot there again."
        client = client_of(token, api, session)
        await _workspace(client, name, refused, followed, install.team, found)


async def _app_token(client: AsyncWebClient, token: str) -> Finding:
    try:
        await client.apps_connections_open(app_token=token)
    except (*_FAILED, ValueError) as error:
        return _refusal("app token", error, link.TOKEN_REFUSED)
    return ok(AREA, "app token", "Slack takes it and gives a connection")


async def _workspace(
    client: AsyncWebClient,
    name: str,
    refused: str,
    followed: Sequence[Followed] | None,
    team: str | None,
    found: list[Finding],
) -> None:
    """A token, its scopes, and the channels of its workspace."""
    try:
        said = await client.auth_test()
    except (*_FAILED, ValueError) as error:
        found.append(_refusal(name, error, refused))
        return
    found.append(ok(AREA, name, f"Slack takes it, in the workspace {said.get('team')}"))
    given = {key.lower(): value for key, value in said.headers.items()}.get("x-oauth-scopes")
    found.append(scopes(name, given))
    if followed is None:
        found.append(unchecked(AREA, "channels", "the database could not be read"))
        return
    here = str(said.get("team_id"))
    mine = [one for one in followed if one.address.partition("/")[0] == here]
    foreign = 0 if team else len(followed) - len(mine)
    if foreign:
        mend = "Set the token of that workspace, or remove what is followed there."
        what = f"{count(foreign, 'followed channel')} of another workspace than the token's"
        found.append(wrong(AREA, name, what, mend))
    found += await _channels(client, mine)


def scopes(name: str, given: str | None) -> Finding:
    """What a token may do, beside what the manifest asks for; `given` has commas between."""
    if given is None:
        return unchecked(AREA, f"{name}, scopes", "Slack did not say what it may do")
    missing = sorted(set(SCOPES) - {one.strip() for one in given.split(",")})
    if not missing:
        return ok(AREA, f"{name}, scopes", "all that the bot needs")
    mend = (
        f"Add them at {APPS} under OAuth & Permissions (aftershock slack-manifest prints all), "
        "then Reinstall to Workspace."
    )
    return wrong(AREA, f"{name}, scopes", f"it lacks {listing(missing)}", mend)


async def _channels(client: AsyncWebClient, followed: Sequence[Followed]) -> list[Finding]:
    pace, troubles, checked = Pace(PER_SECOND), list[Trouble](), 0
    failed, asked = "", 0
    try:
        mine = await _mine(client, pace) if followed else {}
        for one in followed:
            id_ = one.address.partition("/")[2]
            data = mine.get(id_)
            if data is None:
                if asked == MOST_ASKED:
                    continue
                asked += 1
                await pace.turn()
                data = await _asked(client, id_)
            checked += 1
            bad = trouble(one, data)
            troubles += [bad] if bad else []
    except _FAILED as error:
        failed = f"Slack failed ({reason(error)})"
    found = grouped.findings(AREA, troubles, checked, len(followed), told="the bot may post")
    return [*found, unchecked(AREA, "channels", failed)] if failed else found


async def _mine(client: AsyncWebClient, pace: Pace) -> dict[str, Mapping[str, Any]]:
    """The channels that the bot is in, by id."""
    found: dict[str, Mapping[str, Any]] = {}
    cursor = ""
    for _page in range(PAGES):
        await pace.turn()
        said = await client.users_conversations(
            types="public_channel,private_channel,im", limit=PAGE, cursor=cursor or None
        )
        found |= {one["id"]: {"is_member": True, **one} for one in said["channels"]}
        cursor = (said.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    return found


async def _asked(client: AsyncWebClient, id_: str) -> Mapping[str, Any] | None:
    """What Slack says of a channel; None where it knows none. Raises what the client raises."""
    for last in (False, True):
        try:
            said = await client.conversations_info(channel=id_)
        except SlackApiError as error:
            if code_of(error) == "channel_not_found":
                return None
            wait = retry_after(error)
            if last or code_of(error) != "ratelimited" or wait is None or wait > 30:
                raise
            await asyncio.sleep(wait)
        else:
            channel: Mapping[str, Any] = said["channel"]
            return channel
    return None


def trouble(one: Followed, channel: Mapping[str, Any] | None) -> Trouble | None:
    """What keeps the bot from posting in a channel; `channel` is what Slack says of it."""
    name = one.title if one.title.startswith(("#", "@")) else f"#{one.title}"
    if channel is None:
        why = "the channel is not there, or is private and the bot is not in it"
        return Trouble(name, why, "Type /invite @Aftershock in it, or remove what it follows.")
    if channel.get("is_archived"):
        return Trouble(name, "the channel is archived", f"Unarchive it. {_ENDED}")
    if not channel.get("is_member") and not is_direct(str(channel.get("id", ""))):
        why = "the bot is not in the channel"
        return Trouble(name, why, "Type /invite @Aftershock in it.")
    if one.disabled_at is not None:
        why = f"the bot has given it up ({one.disabled_reason})"
        return Trouble(name, why, "Type /aftershock setup in it once that is put right.")
    return None


def _refusal(name: str, error: BaseException, refused: str) -> Finding:
    code = code_of(error) if isinstance(error, SlackApiError) else ""
    if isinstance(error, ValueError):
        code = REFUSED[0]  # it has characters that cannot even be sent
    if code in REFUSED or code == "missing_scope":
        what, _, mend = refused.format(code=code).partition("; ")
        return wrong(AREA, name, what, mend[:1].upper() + mend[1:])
    if code == "forbidden_team":
        mend = f"Turn on Socket Mode at {APPS}, under Socket Mode."
        return wrong(AREA, name, f"Slack gives no connection ({code})", mend)
    mend = "Try again in a few minutes; slack-status.com says whether Slack is down."
    return unchecked(AREA, name, f"Slack does not answer ({reason(error)})", mend)


def reason(error: BaseException) -> str:
    """Why there was no answer, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, SlackApiError):
        return code_of(error) or "an answer that cannot be read"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "no connection can be made"
    return "the connection broke"


def _plain(secret: Any) -> str:
    return str(secret.get_secret_value())
