"""auth.*, users.*, team.*, bots.*, apps.* and oauth.*: who is who, and what may connect."""

from typing import TYPE_CHECKING

from tests.servers.slack.api_conversations import kind_of, page
from tests.servers.slack.calls import Call, method
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.world import Json, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core


@method("api.test")
def api_test(_server: "Core", call: Call) -> Json:
    return {"args": call.args}


@method("auth.test")
def auth_test(_server: "Core", call: Call) -> Json:
    own = call.workspace
    return {
        "url": f"https://{own.domain}.slack.com/", "team": own.name, "user": "aftershock",
        "team_id": own.team, "user_id": own.bot_user, "bot_id": own.bot_id,
        "is_enterprise_install": False,
    }  # fmt: skip


@method("auth.revoke")
def auth_revoke(server: "Core", call: Call) -> Json:
    if not call.flag("test"):
        call.workspace.refusal = "token_revoked"
    return {"revoked": not call.flag("test")}


@method("apps.uninstall")
def uninstall(server: "Core", call: Call) -> Json:
    if (call.args.get("client_id"), call.args.get("client_secret")) != (
        server.client_id, server.client_secret,
    ):  # fmt: skip
        raise RefusedError("bad_client_secret")
    call.workspace.uninstall()
    return {}


@method("team.info", "team:read")
def team_info(_server: "Core", call: Call) -> Json:
    own = call.workspace
    return {"team": {"id": own.team, "name": own.name, "domain": own.domain}}


@method("bots.info", "users:read")
def bots_info(_server: "Core", call: Call) -> Json:
    own = call.workspace
    if call.args.get("bot") != own.bot_id:
        raise RefusedError("bot_not_found")
    return {"bot": {"id": own.bot_id, "deleted": False, "name": "Aftershock", "updated": 0,
                    "app_id": own.app_id, "user_id": own.bot_user, "icons": {}}}  # fmt: skip


@method("users.info", "users:read")
def users_info(server: "Core", call: Call) -> Json:
    id_ = str(call.required("user", "user_not_found"))
    # Somebody of another workspace is known through channels that both share.
    for workspace in (call.workspace, *server.workspaces.values()):
        if id_ in workspace.users:
            user = workspace.users[id_].payload()
            if workspace is not call.workspace:
                user["is_stranger"] = True
                for name in ("is_admin", "is_owner", "is_primary_owner"):
                    user.pop(name)
            return {"user": user}
    raise RefusedError("user_not_found")


@method("users.list", "users:read")
def users_list(_server: "Core", call: Call) -> Json:
    some, cursor = page(list(call.workspace.users.values()), call, 1_000, 1_000)
    return {"members": [each.payload() for each in some],
            "response_metadata": {"next_cursor": cursor}}  # fmt: skip


@method("users.conversations", "channels:read")
def users_conversations(_server: "Core", call: Call) -> Json:
    """The channels somebody is in; of private ones only those that the bot is in as well."""
    own = call.workspace
    user = str(call.args.get("user") or own.bot_user)
    if user not in own.users:
        raise RefusedError("user_not_found")
    kinds = set(str(call.args.get("types") or "public_channel").split(","))
    found = [each for each in own.channels.values()
             if user in each.members and kind_of(each) in kinds and not each.deleted
             and (each.is_member or kind_of(each) == "public_channel")]  # fmt: skip
    if call.flag("exclude_archived"):
        found = [each for each in found if not each.archived]
    some, cursor = page(found, call, 100, 999)
    return {"channels": [each.payload() for each in some],
            "response_metadata": {"next_cursor": cursor}}  # fmt: skip


def connections_open(server: "Core", token: str) -> Json:
    """apps.connections.open, by the app's own token."""
    if not token:
        raise RefusedError("not_authed")
    if not token.startswith("xapp-"):
        raise RefusedError("not_allowed_token_type")
    if token != server.app_token:
        raise RefusedError("invalid_auth")
    if server.socket_mode_disabled:
        raise RefusedError("forbidden_team" if server.workspaces else "internal_error")
    return {"url": server.link.ticket()}


def oauth_access(server: "Core", args: Json) -> Json:
    """oauth.v2.access: a code, used once, for a workspace's token."""
    if args.get("client_id") != server.client_id:
        raise RefusedError("invalid_client_id")
    if args.get("client_secret") != server.client_secret:
        raise RefusedError("bad_client_secret")
    code = server.codes.pop(str(args.get("code") or ""), None)
    if code is None:
        raise RefusedError("invalid_code")
    if code.redirect_uri is not None and args.get("redirect_uri") != code.redirect_uri:
        raise RefusedError("bad_redirect_uri")
    own: Workspace = code.workspace
    own.install()
    return {
        "access_token": own.bot_token, "token_type": "bot", "scope": code.scope,
        "bot_user_id": own.bot_user, "app_id": own.app_id,
        "team": {"id": own.team, "name": own.name}, "enterprise": None,
        "authed_user": {"id": code.user}, "is_enterprise_install": False,
    }  # fmt: skip
