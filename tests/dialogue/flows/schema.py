"""As much of JSON Schema (draft 2020-12) as ``config/flows/schema.json`` uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KNOWN = {
    *("$schema", "$defs", "$ref", "title", "type", "const", "enum", "pattern", "minLength"),
    *("oneOf", "items", "minItems", "properties", "required", "additionalProperties"),
    *("propertyNames", "minProperties"),
}
TYPES: Mapping[str, type] = {"object": dict, "array": list, "string": str, "integer": int}


def conforms(value: object, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """True if a value is as the schema says.

    Raises:
        KeyError: the schema uses what is not known here.
    """
    if unknown := schema.keys() - KNOWN:
        raise KeyError(*unknown)
    if "$ref" in schema:
        return conforms(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "oneOf" in schema and sum(conforms(value, one, root) for one in schema["oneOf"]) != 1:
        return False
    if isinstance(value, str):
        return bool(re.search(schema.get("pattern", ""), value)) and len(value) >= schema.get(
            "minLength", 0
        )
    if isinstance(value, list):
        every = all(conforms(each, schema.get("items", {}), root) for each in value)
        return every and len(value) >= schema.get("minItems", 0)
    return not isinstance(value, dict) or _object(value, schema, root)


def _object(
    value: Mapping[str, object], schema: Mapping[str, Any], root: Mapping[str, Any]
) -> bool:
    properties = schema.get("properties", {})
    if not set(schema.get("required", ())) <= value.keys():
        return False
    if len(value) < schema.get("minProperties", 0):
        return False
    for name, each in value.items():
        if "propertyNames" in schema and not conforms(name, schema["propertyNames"], root):
            return False
        other = schema.get("additionalProperties", {})
        if name not in properties and other is False:
            return False
        if not conforms(each, properties.get(name, other), root):
            return False
    return True
