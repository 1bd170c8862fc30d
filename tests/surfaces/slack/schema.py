"""As much of JSON Schema as the manifest's schema needs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, type] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
}  # fmt: skip


def faults(value: Any, schema: Mapping[str, Any], where: str = "manifest") -> Iterator[str]:
    """What is wrong with `value`, a sentence each. An unknown word in the schema is an error."""
    left = set(schema) - {
        "type", "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "items",
        "uniqueItems", "properties", "required", "additionalProperties",
    }  # fmt: skip
    assert not left, left
    kind = _TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"{where} is no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is {value!r}"
    if isinstance(value, str):
        yield from _of_text(value, schema, where)
    elif isinstance(value, list):
        yield from _of_list(value, schema, where)
    elif isinstance(value, dict):
        yield from _of_object(value, schema, where)


def _of_text(value: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6):
        yield f"{where} has {len(value)} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where} is {value!r}"


def _of_list(value: list[Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**6):
        yield f"{where} has {len(value)} items"
    if schema.get("uniqueItems") and len(set(value)) < len(value):
        yield f"{where} has an item twice"
    for number, item in enumerate(value):
        yield from faults(item, schema["items"], f"{where}[{number}]")


def _of_object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    known = schema["properties"]
    yield from (f"{where} lacks {name}" for name in schema.get("required", ()) if name not in value)
    for name, inner in value.items():
        if name not in known:
            yield f"{where} has no {name}"
        else:
            yield from faults(inner, known[name], f"{where}.{name}")
