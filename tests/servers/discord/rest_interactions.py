"""The bot's answers to interactions: callbacks, the original response, follow-ups."""

from typing import TYPE_CHECKING, Any

from tests.servers.discord import checks
from tests.servers.discord.calls import Call, route
from tests.servers.discord.composing import compose, revise
from tests.servers.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, SUBMIT, Interaction
from tests.servers.discord.messages import Message
from tests.servers.discord.refusals import Form, RefusedError

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

MESSAGE, THINKING, LATER, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_MAY = {
    COMMAND: {MESSAGE, THINKING, MODAL},
    COMPONENT: {MESSAGE, THINKING, LATER, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    SUBMIT: {MESSAGE, THINKING},
}


def _refuse(interaction: Interaction, refusal: RefusedError) -> RefusedError:
    interaction.refused.append(refusal.body)
    return refusal


@route("POST interactions/#/$/callback", exempt=True)
def _callback(server: "DiscordServer", call: Call) -> Any:
    interaction = server.interactions.get(call.token)
    if interaction is None or interaction.payload["id"] != str(call.ids[0]):
        raise RefusedError(404, 10062)
    if interaction.callback is not None:
        raise _refuse(interaction, RefusedError(400, 40060))
    took = call.arrived - interaction.began
    if took > server.acknowledge_seconds:
        raise _refuse(interaction, RefusedError(404, 10062))
    kind = int(call.fields().get("type") or 0)
    may = _MAY[interaction.kind]
    if interaction.kind == SUBMIT and interaction.message:
        may = may | {LATER, UPDATE}
    if kind not in may:
        form = Form()
        form.wrong(["type"], "BASE_TYPE_CHOICES", f"Value must be one of {sorted(may)}.")
        try:
            form.close()
        except RefusedError as refusal:
            raise _refuse(interaction, refusal) from None
    try:
        _act(server, interaction, kind, call)
    except RefusedError as refusal:
        raise _refuse(interaction, refusal) from None
    interaction.callback, interaction.took = kind, took
    told: dict[str, Any] = {"id": interaction.payload["id"], "type": interaction.kind}
    resource: dict[str, Any] = {"type": kind}
    if (original := interaction.original) is not None:
        told |= {
            "response_message_id": str(original.id), "response_message_loading": original.loading,
            "response_message_ephemeral": original.ephemeral,
        }  # fmt: skip
        if kind != LATER:
            resource["message"] = original.payload
    return {"interaction": told, "resource": resource} if call.query.get("with_response") else None


def _act(server: "DiscordServer", interaction: Interaction, kind: int, call: Call) -> None:
    data = call.fields().get("data") or {}
    if kind == CHOICES:
        checks.choices(data.get("choices") or [])
        interaction.offered = data.get("choices") or []
    elif kind == MODAL:
        checks.modal(data)
        interaction.form = data
    elif kind in (MESSAGE, THINKING):
        body = data if kind == MESSAGE else {"flags": data.get("flags")}
        interaction.original = _new(server, interaction, body, call, loading=kind == THINKING)
    else:
        original = interaction.original = interaction.message
        if kind == UPDATE and original:
            revise(server, interaction.where, original, data, call.uploads)
            _tell(server, interaction, "MESSAGE_UPDATE", original)


def _new(
    server: "DiscordServer", interaction: Interaction, body: dict[str, Any], call: Call,
    *, loading: bool = False,
) -> Message:  # fmt: skip
    payload = interaction.payload
    user = payload.get("user") or payload["member"]["user"]
    about: dict[str, Any] = {
        "id": payload["id"], "type": interaction.kind, "user": user,
        "authorizing_integration_owners": payload["authorizing_integration_owners"],
    }  # fmt: skip
    if interaction.kind == COMMAND:
        about["name"] = payload["data"]["name"]
    elif interaction.kind == COMPONENT and interaction.message:
        about["interacted_message_id"] = str(interaction.message.id)
    else:
        about["triggering_interaction_metadata"] = dict(about, type=COMMAND, name="")
    more = {"application_id": payload["application_id"], "webhook_id": payload["application_id"],
            "interaction_metadata": about}  # fmt: skip
    kind = 20 if interaction.kind == COMMAND and interaction.original is None else 0
    message = compose(server, interaction.where, body, call.uploads, call.arrived,
                      kind=kind, more=more, loading=loading)  # fmt: skip
    server.places[message.id] = interaction.where
    if not message.ephemeral:
        interaction.where.keep(message)
        _tell(server, interaction, "MESSAGE_CREATE", message)
    return message


def _tell(server: "DiscordServer", interaction: Interaction, event: str, message: Message) -> None:
    where = interaction.where
    if not message.ephemeral and where.id in server.channels:
        server.tell_message(event, where, message.payload)


def _of(server: "DiscordServer", call: Call) -> Interaction:
    interaction = server.interactions.get(call.token)
    if interaction is None or call.ids[0] != server.application_id:
        raise RefusedError(404, 10015)
    if server.clock.now() > interaction.expires:
        raise _refuse(interaction, RefusedError(401, 50027))
    if interaction.callback is None:
        raise _refuse(interaction, RefusedError(404, 10015))
    return interaction


def _which(interaction: Interaction, call: Call) -> Message:
    if len(call.ids) > 1:
        message = interaction.message_by_id(call.ids[1])
    else:
        message = None if interaction.deleted else interaction.original
    if message is None:
        raise _refuse(interaction, RefusedError(404, 10008))
    return message


@route("POST webhooks/#/$", exempt=True)
def _follow(server: "DiscordServer", call: Call) -> Any:
    interaction = _of(server, call)
    original = interaction.original
    try:
        if original and original.loading and not interaction.deleted:
            # The first follow-up to "thinking" takes its place, and stays as private as it was.
            revise(server, interaction.where, original, call.fields(), call.uploads)
            original.versions -= 1
            interaction.more.append(original)
            _tell(server, interaction, "MESSAGE_UPDATE", original)
            return original.payload
        message = _new(server, interaction, call.fields(), call)
    except RefusedError as refusal:
        raise _refuse(interaction, refusal) from None
    interaction.more.append(message)
    return message.payload


@route("GET webhooks/#/$/messages/@original", exempt=True)
@route("GET webhooks/#/$/messages/#", exempt=True)
def _read(server: "DiscordServer", call: Call) -> Any:
    return _which(_of(server, call), call).payload


@route("PATCH webhooks/#/$/messages/@original", exempt=True)
@route("PATCH webhooks/#/$/messages/#", exempt=True)
def _edit(server: "DiscordServer", call: Call) -> Any:
    interaction = _of(server, call)
    message = _which(interaction, call)
    try:
        revise(server, interaction.where, message, call.fields(), call.uploads)
    except RefusedError as refusal:
        raise _refuse(interaction, refusal) from None
    _tell(server, interaction, "MESSAGE_UPDATE", message)
    return message.payload


@route("DELETE webhooks/#/$/messages/@original", exempt=True)
@route("DELETE webhooks/#/$/messages/#", exempt=True)
def _delete(server: "DiscordServer", call: Call) -> Any:
    interaction = _of(server, call)
    message = _which(interaction, call)
    if not message.ephemeral and message.id in interaction.where.messages:
        interaction.where.forget(message)
        gone = {"id": str(message.id), "channel_id": str(interaction.where.id)}
        if interaction.where.id in server.channels:
            server.tell_message("MESSAGE_DELETE", interaction.where, gone)
    if message is interaction.original:
        interaction.deleted = True
    else:
        interaction.more.remove(message)
