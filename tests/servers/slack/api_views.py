"""views.*: dialogs opened, pushed and changed, and Home tabs."""

import json
from typing import TYPE_CHECKING, Any

from tests.servers.slack.block_checks import faults_in_view
from tests.servers.slack.calls import Call, method
from tests.servers.slack.element_checks import text
from tests.servers.slack.posting import usable_files, with_ids
from tests.servers.slack.refusals import RefusedError, invalid
from tests.servers.slack.world import Json, View, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core

PRIVATE_METADATA = 3_000
BYTES = 250_000
DEPTH = 3
_COMMON = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
_MODAL = {"title", "close", "submit", "clear_on_close", "notify_on_close", "submit_disabled"}


@method("views.open")
def open_(server: "Core", call: Call) -> Json:
    trigger = server.triggers.use(str(call.required("trigger_id")), call.workspace.team)
    content = checked(call.workspace, call.decoded("view"), "modal")
    view = add(server, call.workspace, content, trigger.user)
    return {"view": shown(call.workspace, view)}


@method("views.push")
def push(server: "Core", call: Call) -> Json:
    trigger = server.triggers.use(str(call.required("trigger_id")), call.workspace.team)
    content = checked(call.workspace, call.decoded("view"), "modal")
    below = [each for each in call.workspace.views.values()
             if each.user == trigger.user and each.open]  # fmt: skip
    if len(below) >= DEPTH:
        raise RefusedError("push_limit_reached")
    view = add(server, call.workspace, content, trigger.user, below[-1] if below else None)
    return {"view": shown(call.workspace, view)}


@method("views.update")
def update(server: "Core", call: Call) -> Json:
    own = call.workspace
    id_, external = call.args.get("view_id"), call.args.get("external_id")
    open_views = [each for each in own.views.values() if each.open]
    named = [each for each in open_views
             if each.id == id_ or (external and each.external_id == external)]  # fmt: skip
    if not named:
        raise RefusedError("not_found")
    view = named[0]
    _expect_hash(call, view)
    change(server, own, view, checked(own, call.decoded("view"), "modal"))
    return {"view": shown(own, view)}


@method("views.publish")
def publish(server: "Core", call: Call) -> Json:
    own = call.workspace
    user = str(call.required("user_id"))
    if user not in own.users:
        raise RefusedError("user_not_found")
    if not server.home_enabled:
        raise RefusedError("not_enabled")
    content = checked(own, call.decoded("view"), "home")
    view = own.homes.get(user)
    if view is None:
        view = own.homes[user] = View(own.clock.id("V"), user, own.team, content, own.clock.word())
        view.root_id = view.id
    else:
        _expect_hash(call, view)
    change(server, own, view, content)
    return {"view": shown(own, view)}


def add(
    server: "Core", workspace: Workspace, content: Json, user: str, below: View | None = None
) -> View:
    """Show somebody a new dialog, above another or alone."""
    external = str(content.get("external_id") or "")
    if external and any(each.external_id == external for each in workspace.views.values()):
        raise RefusedError("duplicate_external_id")
    view = View(workspace.clock.id("V"), user, workspace.team, {}, "", external_id=external)
    view.root_id = below.root_id if below else view.id
    view.previous_id = below.id if below else None
    workspace.views[view.id] = view
    change(server, workspace, view, content)
    return view


def change(server: "Core", workspace: Workspace, view: View, content: Json) -> None:
    """Put something else into a view."""
    view.content = {**content, "blocks": with_ids(workspace, content["blocks"])}
    view.hash = f"{workspace.clock.ts()}.{workspace.clock.word()[:6]}"
    server.bell.ring()


def checked(workspace: Workspace, content: Any, kind: str) -> Json:
    """A view's content, if Slack would take it."""
    if not isinstance(content, dict):
        raise RefusedError("invalid_arguments")
    if len(json.dumps(content)) > BYTES:
        raise RefusedError("view_too_large")
    faults = list(_faults(workspace, content, kind))
    if faults:
        raise invalid("invalid_arguments", faults)
    return content


def _faults(workspace: Workspace, content: Json, kind: str) -> Any:
    if content.get("type") != kind:
        yield f"must be {kind} [json-pointer:/view/type]"
    allowed = _COMMON | (_MODAL if kind == "modal" else set())
    for name in sorted(set(content) - allowed):
        yield f"invalid additional property: {name} [json-pointer:/view]"
    for name, most in (("private_metadata", PRIVATE_METADATA), ("callback_id", 255),
                       ("external_id", 255)):  # fmt: skip
        value = content.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= most):
            yield f"must be less than {most + 1} characters [json-pointer:/view/{name}]"
    if kind == "modal":
        yield from text(content.get("title"), "/view/title", 24, plain=True)
        for name in ("submit", "close"):
            if content.get(name) is not None:
                yield from text(content[name], f"/view/{name}", 24, plain=True)
    blocks = content.get("blocks")
    yield from faults_in_view(blocks, usable_files(workspace), modal=kind == "modal")
    inputs = isinstance(blocks, list) and any(
        isinstance(each, dict) and each.get("type") == "input" for each in blocks
    )
    if inputs and content.get("submit") is None:
        yield "submit is required when an input block is in blocks [json-pointer:/view/submit]"


def _expect_hash(call: Call, view: View) -> None:
    given = call.args.get("hash")
    if given and given != view.hash:
        raise RefusedError("hash_conflict")


def shown(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """A view as methods and payloads give it, with what was entered."""
    content = view.content
    return {
        "id": view.id, "team_id": workspace.team, "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team, "bot_id": workspace.bot_id,
        "title": None, "close": None, "submit": None, "clear_on_close": False,
        "notify_on_close": False, **content,
        "private_metadata": content.get("private_metadata", ""),
        "callback_id": content.get("callback_id", ""), "external_id": view.external_id,
        "state": {"values": values or {}}, "hash": view.hash, "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }  # fmt: skip
