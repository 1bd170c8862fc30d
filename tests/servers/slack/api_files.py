"""files.*: an upload in three steps, and what became of it."""

from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.slack.calls import Call, method
from tests.servers.slack.posting import post
from tests.servers.slack.refusals import RefusedError
from tests.servers.slack.world import File, Json, Workspace

if TYPE_CHECKING:
    from tests.servers.slack.core import Core


@method("files.getUploadURLExternal", "files:write")
def upload_url(server: "Core", call: Call) -> Json:
    own = call.workspace
    length = call.number("length", 0)
    name = str(call.required("filename"))
    if length < 1:
        raise RefusedError("invalid_arguments")
    alt = str(call.args.get("alt_txt") or "")
    if len(alt) > 1_000:
        raise RefusedError("alt_txt_too_large")
    file = File(own.clock.id("F"), own.team, name, length, alt_text=alt)
    own.files[file.id] = file
    url = f"{server.base_url}/upload/v1/{own.team}/{file.id}"
    return {"upload_url": url, "file_id": file.id}


def receive(workspaces: dict[str, Workspace], path: str, body: bytes) -> web.Response:
    """Take what is posted to an upload's address."""
    _, _, team, id_ = path.strip("/").split("/")
    workspace = workspaces.get(team)
    file = workspace.files.get(id_) if workspace else None
    if file is None or file.content is not None:
        return web.Response(status=404, text="")
    if len(body) != file.size:
        return web.Response(status=400, text="")
    file.content = body
    return web.Response(text=f"OK - {len(body)}")


@method("files.completeUploadExternal", "files:write")
def complete(server: "Core", call: Call) -> Json:
    own = call.workspace
    asked = call.decoded("files")
    if not isinstance(asked, list) or not asked:
        raise RefusedError("invalid_arguments")
    files = [own.files.get(str(each.get("id"))) for each in asked]
    if any(file is None or file.content is None or file.complete for file in files):
        raise RefusedError("file_not_found")
    done = []
    for file, each in zip(files, asked, strict=True):
        assert file is not None
        file.title = each.get("title") or file.name
        file.complete = True
        file.wait = server.file_processing
        if call.args.get("channel_id"):
            _share(server, call, file)
        done.append(shown(own, file))
    return {"files": done}


@method("files.info", "files:read")
def info(_server: "Core", call: Call) -> Json:
    file = _file(call)
    said = shown(call.workspace, file)
    file.wait -= 1
    return {"file": said, "comments": []}


@method("files.delete", "files:write")
def delete(_server: "Core", call: Call) -> Json:
    del call.workspace.files[_file(call).id]
    return {}


def _file(call: Call) -> File:
    file = call.workspace.files.get(str(call.required("file", "file_not_found")))
    if file is None or not file.complete:
        raise RefusedError("file_not_found")
    return file


def _share(server: "Core", call: Call, file: File) -> None:
    channel = call.channel("channel_id")
    if not channel.is_member:
        raise RefusedError("not_in_channel")
    text = str(call.args.get("initial_comment") or "")
    message = post(server, call.workspace, channel, text, [],
                   thread_ts=call.args.get("thread_ts") or None)  # fmt: skip
    message.files.append(file.id)
    file.shared_in.append(channel.id)


def shown(workspace: Workspace, file: File) -> Json:
    """A file as files.info gives it; what kind it is is known once it is processed."""
    kind = file.name.rpartition(".")[2] if file.processed else ""
    mime = f"image/{kind}" if kind in ("png", "gif") else {"jpg": "image/jpeg"}.get(kind, "")
    address = f"https://files.slack.com/files-pri/{workspace.team}-{file.id}"
    return {
        "id": file.id, "created": 0, "timestamp": 0, "name": file.name, "title": file.title,
        "mimetype": mime, "filetype": kind, "pretty_type": kind.upper(),
        "user": workspace.bot_user, "user_team": workspace.team, "editable": False,
        "size": file.size, "mode": "hosted", "is_external": False, "is_public": False,
        "public_url_shared": False, "url_private": f"{address}/{file.name}",
        "url_private_download": f"{address}/download/{file.name}",
        "permalink": f"https://{workspace.domain}.slack.com/files/{workspace.bot_user}/{file.id}",
        "alt_txt": file.alt_text, "channels": list(file.shared_in), "groups": [], "ims": [],
        "comments_count": 0, "has_rich_preview": False, "file_access": "visible",
        "media_display_type": "unknown",
    }  # fmt: skip
