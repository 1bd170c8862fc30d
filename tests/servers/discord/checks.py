"""The documented limits of messages, components and modals."""

from collections.abc import Sequence
from typing import Any

from tests.servers.discord.refusals import Form, RefusedError

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, LABEL = 1, 2, 3, 4, 18
SELECTS = (3, 5, 6, 7, 8)
LINK_STYLE, PREMIUM_STYLE = 5, 6
COMPONENTS_V2 = 1 << 15


def message(body: dict[str, Any], *, files: int = 0, empty: bool = False) -> None:
    """A message's body; `empty` where nothing need be said. Raises `RefusedError`."""
    form = Form()
    form.length(body.get("content"), ["content"], 2000)
    embeds_ = body.get("embeds") or []
    form.count(embeds_, ["embeds"], 10)
    for index, embed in enumerate(embeds_):
        _embed(form, embed, ["embeds", index])
    if sum(map(embed_size, embeds_)) > 6000:
        text = "Embed size exceeds maximum size of 6000"
        form.wrong(["embeds"], "MAX_EMBED_SIZE_EXCEEDED", text)
    nonce = body.get("nonce")
    form.length(None if nonce is None else str(nonce), ["nonce"], 25)
    rows = body.get("components") or []
    if int(body.get("flags") or 0) & COMPONENTS_V2:
        for key in ("content", "embeds"):
            if body.get(key):
                text = "cannot be used with MessageFlags.IS_COMPONENTS_V2"
                form.wrong([key], "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
        _layout(form, rows)
    else:
        _rows(form, rows, ["components"])
    for index, declared in enumerate(body.get("attachments") or []):
        form.length(declared.get("description"), ["attachments", index, "description"], 1024)
    form.count(range(files), ["files"], 10)
    allowed = body.get("allowed_mentions") or {}
    for key in ("users", "roles"):
        if allowed.get(key) and key in (allowed.get("parse") or []):
            text = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            form.wrong(["allowed_mentions"], "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
    form.close()
    said = body.get("content") or embeds_ or rows or body.get("sticker_ids") or files
    if not said and not empty:
        raise RefusedError(400, 50006)


def embed_size(embed: dict[str, Any]) -> int:
    """The characters of an embed that count towards 6,000."""
    texts = [embed.get("title"), embed.get("description"), embed.get("footer", {}).get("text"),
             embed.get("author", {}).get("name")]  # fmt: skip
    for field in embed.get("fields", []):
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if text)


def _embed(form: Form, embed: dict[str, Any], path: list[str | int]) -> None:
    form.length(embed.get("title"), [*path, "title"], 256)
    form.length(embed.get("description"), [*path, "description"], 4096)
    if "footer" in embed:
        form.length(embed["footer"].get("text"), [*path, "footer", "text"], 2048)
    if "author" in embed:
        form.length(embed["author"].get("name"), [*path, "author", "name"], 256, least=1)
    fields = embed.get("fields", [])
    form.count(fields, [*path, "fields"], 25)
    for index, field in enumerate(fields):
        form.length(field.get("name"), [*path, "fields", index, "name"], 256, least=1)
        form.length(field.get("value"), [*path, "fields", index, "value"], 1024, least=1)
    for key in ("image", "thumbnail"):
        url = embed.get(key, {}).get("url")
        if url is not None:
            _url(form, url, [*path, key, "url"], ("http://", "https://", "attachment://"))
    if embed.get("url") is not None:
        _url(form, embed["url"], [*path, "url"], ("http://", "https://"))


def _url(form: Form, url: str, path: list[str | int], schemes: tuple[str, ...]) -> None:
    if not url.startswith(schemes):
        form.wrong(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    form.length(url, path, 2048)


def _layout(form: Form, components: list[dict[str, Any]]) -> None:
    """A layout of components instead of embeds: 40 of them, 4,000 characters in all."""
    found, open_ = 0, list(components)
    characters = 0
    while open_:
        each = open_.pop()
        found += 1
        characters += len(each.get("content") or "")
        open_ += each.get("components", [])
        open_ += [each[key] for key in ("component", "accessory") if key in each]
    if found > 40:
        text = "The message exceeds the maximum number of components (40)"
        form.wrong(["components"], "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    if characters > 4000:
        text = "The total text of all components exceeds 4000 characters"
        form.wrong(["components"], "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)


def _rows(form: Form, rows: list[dict[str, Any]], path: list[str | int]) -> None:
    form.count(rows, path, 5)
    ids: set[str] = set()
    for index, row in enumerate(rows):
        at = [*path, index]
        if row.get("type") != ACTION_ROW:
            form.wrong([*at, "type"], "UNION_TYPE_CHOICES", "Value of field must be one of (1,).")
            continue
        inside = row.get("components", [])
        form.count(inside, [*at, "components"], 5, least=1)
        selects = sum(each.get("type") in SELECTS for each in inside)
        if selects and len(inside) > 1:
            text = "The specified component exceeds the maximum width"
            form.wrong([*at, "components"], "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)
        for position, each in enumerate(inside):
            _component(form, each, [*at, "components", position], ids)


def _component(form: Form, each: dict[str, Any], path: list[str | int], ids: set[str]) -> None:
    link = each.get("type") == BUTTON and each.get("style") in (LINK_STYLE, PREMIUM_STYLE)
    if not link:
        custom_id = each.get("custom_id")
        form.length(custom_id, [*path, "custom_id"], 100, least=1)
        if custom_id in ids:
            text = "Component custom id cannot be duplicated"
            form.wrong([*path, "custom_id"], "COMPONENT_CUSTOM_ID_DUPLICATED", text)
        ids.add(str(custom_id))
    if each.get("type") == BUTTON:
        form.length(each.get("label"), [*path, "label"], 80)
        if not (each.get("label") or each.get("emoji") or each.get("style") == PREMIUM_STYLE):
            text = "A button must have a label or an emoji"
            form.wrong(path, "BUTTON_COMPONENT_INVALID_LABEL", text)
    elif each.get("type") in SELECTS:
        select(form, each, path)


def select(form: Form, each: dict[str, Any], path: list[str | int]) -> None:
    """A select menu, in a message or a modal."""
    form.length(each.get("placeholder"), [*path, "placeholder"], 150)
    if each["type"] != STRING_SELECT:
        return
    options = each.get("options", [])
    form.count(options, [*path, "options"], 25, least=1)
    seen: set[str] = set()
    for index, option in enumerate(options):
        at = [*path, "options", index]
        form.length(option.get("label"), [*at, "label"], 100, least=1)
        form.length(option.get("value"), [*at, "value"], 100, least=1)
        form.length(option.get("description"), [*at, "description"], 100)
        if option.get("value") in seen:
            text = "The specified option value is already used"
            form.wrong([*at, "value"], "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
        seen.add(option.get("value"))
    for key in ("min_values", "max_values"):
        if each.get(key) is not None and not 0 <= each[key] <= len(options):
            text = f"int value should be between 0 and {len(options)}."
            form.wrong([*path, key], "NUMBER_TYPE_MAX", text)


def choices(offered: Sequence[dict[str, Any]]) -> None:
    """What autocomplete offers. Raises `RefusedError`."""
    form = Form()
    form.count(offered, ["data", "choices"], 25)
    for index, choice in enumerate(offered):
        at: list[str | int] = ["data", "choices", index]
        form.length(choice.get("name"), [*at, "name"], 100, least=1)
        if isinstance(choice.get("value"), str):
            form.length(choice["value"], [*at, "value"], 100)
    form.close()


def modal(body: dict[str, Any]) -> None:
    """A modal. Raises `RefusedError`."""
    form = Form()
    form.length(body.get("title"), ["data", "title"], 45, least=1)
    form.length(body.get("custom_id"), ["data", "custom_id"], 100, least=1)
    rows = body.get("components", [])
    form.count(rows, ["data", "components"], 5, least=1)
    for index, row in enumerate(rows):
        at: list[str | int] = ["data", "components", index]
        if row.get("type") == LABEL:
            form.length(row.get("label"), [*at, "label"], 45, least=1)
            form.length(row.get("description"), [*at, "description"], 100)
            inside = [row["component"]]
        else:
            inside = row.get("components", [])
        for each in inside:
            if each["type"] == TEXT_INPUT:
                form.length(each.get("custom_id"), [*at, "custom_id"], 100, least=1)
                form.length(each.get("label"), [*at, "label"], 45)
                form.length(each.get("placeholder"), [*at, "placeholder"], 100)
                most = each.get("max_length") or 4000
                form.length(each.get("value"), [*at, "value"], most)
            elif each["type"] in SELECTS:
                form.length(each.get("custom_id"), [*at, "custom_id"], 100, least=1)
                select(form, each, at)
    form.close()
