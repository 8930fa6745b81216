"""The contract itself: complete, strict, served, and used by these tests."""
import pytest


def schemas(node, place=""):
    """Every schema of a document, with its place."""
    if isinstance(node, dict):
        if "type" in node or "properties" in node:
            yield place, node
        for key, item in node.items():
            if key not in ("example", "examples", "properties"):
                yield from schemas(item, f"{place}/{key}")
        for key, item in (node.get("properties") or {}).items():
            yield from schemas(item, f"{place}/{key}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from schemas(item, f"{place}/{index}")


def test_no_object_is_bare(contract):
    for place, schema in schemas(contract.document):
        types = schema.get("type")
        types = types if isinstance(types, list) else [types]
        if "object" in types:
            described = "properties" in schema or "additionalProperties" in schema or "allOf" in schema
            assert described, f"{place}: an object of unknown members"
        if "properties" in schema:
            closed = "additionalProperties" in schema or "unevaluatedProperties" in schema
            assert closed, f"{place}: says nothing about other members"
        if "array" in types:
            assert "items" in schema, f"{place}: a list of unknown items"


def test_every_error_has_the_one_shape(contract):
    for operation in contract.operations:
        for status in operation.definition["responses"]:
            if int(status) >= 400 and operation.id != "readyz":
                schema = operation.response(status)["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}, (operation.id, status)


def test_the_judge_refuses_what_is_not_declared(contract):
    """The checker itself: an unknown member, a wrong type, a missing member."""
    error = {"$ref": "#/components/schemas/Error"}
    good = {"error": "x", "code": "not_found", "requestId": "1"}
    contract.validate(error, good, "good")
    for wrong in ({**good, "extra": 1}, {**good, "code": 5}, {"error": "x"}):
        with pytest.raises(AssertionError):
            contract.validate(error, wrong, "wrong")


def test_it_is_served(both, contract):
    assert both["grpc"].get("/api/openapi.json").json() == contract.document


def test_every_operation_was_asked(contract):
    """Runs last, with the whole suite only. Each route was asked by some test and has answered well."""
    answered = {operation for operation, status in contract.seen if status < 400}
    assert answered == {operation.id for operation in contract.operations}
