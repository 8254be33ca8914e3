"""What can be checked of a CustomResourceDefinition by reading it: every field is described and bounded."""


def fields(schema, path=""):
    """(path, schema) of every field below schema, depth first; items and map values are fields too."""
    for name, field in schema.get("properties", {}).items():
        yield from with_fields_below(field, f"{path}.{name}" if path else name)
    for key, suffix in (("items", "[]"), ("additionalProperties", "{}")):
        if key in schema:
            yield from with_fields_below(schema[key], path + suffix)


def with_fields_below(field, path):
    yield path, field
    yield from fields(field, path)


def undescribed(schema):
    # The API server describes metadata itself and refuses another description.
    return [path for path, field in fields(schema) if path != "metadata" and len(field.get("description", "")) < 8]


def unbounded(schema):
    """Fields whose size has no limit: the cost of a rule on them, and the object's size, would have none either."""
    found = []
    for path, field in fields(schema):
        if path in ("apiVersion", "kind", "metadata"):
            continue
        kind = "string" if field.get("x-kubernetes-int-or-string") else field["type"]
        limited = {
            "string": "maxLength" in field or "enum" in field or field.get("format") == "date-time",
            "array": "maxItems" in field and "x-kubernetes-list-type" in field,
            "object": "properties" in field or "maxProperties" in field,
            "integer": "format" in field,
        }
        if not limited.get(kind, True):
            found.append(path)
    return found


def rules(schema):
    """(field, rule) of every rule; the field is the one that the answer names."""
    for path, field in [("", schema), *fields(schema)]:
        for rule in field.get("x-kubernetes-validations", []):
            yield path + rule.get("fieldPath", ""), rule


def silent_rules(schema):
    """Rules whose message the API server would not show: it has one of its own for a duplicate."""
    return [f"{path}: {rule['rule']}" for path, rule in rules(schema)
            if not rule.get("message") or rule.get("reason", "FieldValueDuplicate") == "FieldValueDuplicate"]
