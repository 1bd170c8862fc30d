"""From a request's body to the message that Discord would keep and return, and its edits."""

import mimetypes
import re
from typing import TYPE_CHECKING, Any

from tests.servers.discord import checks, permissions
from tests.servers.discord.messages import EPHEMERAL, LOADING, Message, Upload, numbered
from tests.servers.discord.refusals import Form, RefusedError
from tests.servers.discord.world import Channel, stamp

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

SUPPRESS = 1 << 2
_SETTABLE = SUPPRESS | EPHEMERAL | 1 << 12 | checks.COMPONENTS_V2
_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@everyone|@here")


def compose(
    server: "DiscordServer",
    channel: Channel,
    body: dict[str, Any],
    uploads: list[Upload],
    arrived: float,
    *,
    kind: int = 0,
    more: dict[str, Any] | None = None,
    loading: bool = False,
) -> Message:
    """A new message, not yet in its channel; `more` are fields of its own, `kind` its type."""
    checks.message(body, files=len(uploads), empty=loading)
    now = server.clock.now()
    message = Message({}, arrived)
    message.payload = {
        "id": str(server.clock.snowflake()), "channel_id": str(channel.id), "type": kind,
        "author": server.bot.payload(), "timestamp": stamp(now), "edited_timestamp": None,
        "content": body.get("content") or "", "tts": bool(body.get("tts")), "pinned": False,
        "embeds": [], "attachments": [], "reactions": [],
        "components": numbered(body.get("components") or []),
        "flags": int(body.get("flags") or 0) & _SETTABLE | (LOADING if loading else 0),
        **mentions(server, channel, body), **(more or {}),
    }  # fmt: skip
    _take_files(server, message, body, uploads)
    message.payload["embeds"] = _shown(message, body.get("embeds") or [])
    _list_attachments(message)
    return message


def revise(
    server: "DiscordServer",
    channel: Channel,
    message: Message,
    body: dict[str, Any],
    uploads: list[Upload],
) -> None:
    """Apply an edit: fields that are not named stay, files too unless `attachments` is given."""
    merged = {key: body[key] if key in body else message.payload[key]
              for key in ("content", "embeds", "components", "flags")}  # fmt: skip
    checks.message(
        {**body, **merged, "flags": merged["flags"] or 0},
        files=len(uploads) + len(message.files),
        empty=message.loading,
    )
    if body.get("attachments") is not None:
        keep = {str(each["id"]) for each in body["attachments"]}
        for name in [n for n, each in message.attachments.items() if each["id"] not in keep]:
            del message.attachments[name], message.files[name]
    _take_files(server, message, body, uploads)
    payload = message.payload
    if "content" in body:
        payload.update(mentions(server, channel, body), content=body["content"] or "")
    if "components" in body:
        payload["components"] = numbered(body["components"] or [])
    if body.get("flags") is not None:
        stay = ~(SUPPRESS | checks.COMPONENTS_V2)
        payload["flags"] = payload["flags"] & stay | int(body["flags"]) & ~stay
    payload["flags"] &= ~LOADING
    if "embeds" in body:
        payload["embeds"] = _shown(message, body["embeds"] or [])
    _list_attachments(message)
    payload["edited_timestamp"] = stamp(server.clock.now())
    message.versions += 1


def mentions(server: "DiscordServer", channel: Channel, body: dict[str, Any]) -> dict[str, Any]:
    """Who is notified by a text, as `allowed_mentions` and the bot's permissions have it."""
    text = body.get("content") or ""
    allowed = body.get("allowed_mentions")
    kinds = {"users", "roles", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    named = allowed or {}
    users = [
        found for found in dict.fromkeys(map(int, _USER.findall(text)))
        if "users" in kinds or str(found) in map(str, named.get("users") or [])
    ]  # fmt: skip
    roles = []
    any_role = channel.guild is None or bool(
        channel.guild.joined
        and channel.guild.bot_member().permissions(channel) & permissions.MENTION_EVERYONE
    )
    if channel.guild:
        for found in dict.fromkeys(map(int, _ROLE.findall(text))):
            role = channel.guild.roles.get(found)
            wanted = "roles" in kinds or str(found) in map(str, named.get("roles") or [])
            if role and wanted and (role.mentionable or any_role):
                roles.append(str(found))
    return {
        "mentions": [server.users[found].payload() for found in users if found in server.users],
        "mention_roles": roles,
        "mention_everyone": bool("everyone" in kinds and any_role and _EVERYONE.search(text)),
    }


def _take_files(
    server: "DiscordServer", message: Message, body: dict[str, Any], uploads: list[Upload]
) -> None:
    if sum(len(upload.content) for upload in uploads) > 10 * 2**20:
        raise RefusedError(413, 40005)
    declared = {str(each["id"]): each for each in body.get("attachments") or []}
    for upload in uploads:
        about = declared.get(str(upload.number), {})
        name = about.get("filename") or upload.filename
        id_ = str(server.clock.snowflake())
        path = f"/attachments/{message.channel_id}/{id_}/{name}"
        server.cdn[path] = upload.content
        message.files[name] = upload.content
        message.attachments[name] = {
            "id": id_, "filename": name, "size": len(upload.content),
            "url": server.base_url + path, "proxy_url": server.base_url + path,
            "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            **({"description": about["description"]} if about.get("description") else {}),
        }  # fmt: skip


def _shown(message: Message, embeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The embeds with the addresses of the files they refer to."""
    form = Form()
    shown = []
    for index, embed in enumerate(embeds):
        copy = {"type": "rich", **embed}
        for key, url_key in (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"),
                             ("footer", "icon_url")):  # fmt: skip
            url = embed.get(key, {}).get(url_key) or ""
            if not url.startswith("attachment://"):
                continue
            found = message.attachments.get(url.removeprefix("attachment://"))
            if found is None:
                form.wrong(
                    ["embeds", index, key, url_key],
                    "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                    f"The referenced attachment was not found: {url}",
                )
                continue
            copy[key] = {**embed[key], url_key: found["url"], f"proxy_{url_key}": found["url"]}
        shown.append(copy)
    form.close()
    return shown


def _list_attachments(message: Message) -> None:
    """List the files, without those that an embed shows: Discord leaves them out."""
    used = {
        embed.get(key, {}).get(url_key)
        for embed in message.payload["embeds"]
        for key, url_key in (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"),
                             ("footer", "icon_url"))
    }  # fmt: skip
    message.payload["attachments"] = [
        each for each in message.attachments.values() if each["url"] not in used
    ]
