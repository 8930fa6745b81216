"""Holds answers against api/openapi.yaml."""
import json
import re

import jsonschema
import yaml

EDGE = 25  # items at each end of a long list that are held against the schema


class ContractError(AssertionError):
    pass


def thinned(value):
    """A copy whose long lists keep their ends: a schema has nothing to say about the 40 000th span."""
    if isinstance(value, list):
        kept = value if len(value) <= 2 * EDGE else value[:EDGE] + value[-EDGE:]
        return [thinned(item) for item in kept]
    if isinstance(value, dict):
        return {key: thinned(item) for key, item in value.items()}
    return value


class Operation:
    def __init__(self, document, method, template, definition):
        self.document = document
        self.method = method
        self.template = template
        self.definition = definition
        self.id = definition["operationId"]
        parameters = [self.resolved(p) for p in definition.get("parameters", [])]
        self.query = {p["name"]: p for p in parameters if p["in"] == "query"}
        parts = [
            "([^/]+)" if part.startswith("{") else re.escape(part) for part in template.split("/")
        ]
        self.pattern = re.compile("/".join(parts))

    def resolved(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def response(self, status):
        responses = self.definition["responses"]
        if str(status) not in responses:
            raise ContractError(f"{self.id}: status {status} is not declared")
        return self.resolved(responses[str(status)])


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as source:
            self.document = yaml.safe_load(source)
        self.operations = [
            Operation(self.document, method.upper(), template, definition)
            for template, methods in self.document["paths"].items()
            for method, definition in methods.items()
            if method in ("get", "post", "put", "patch", "delete")
        ]
        # A literal wins over a parameter.
        self.operations.sort(key=lambda operation: operation.template.count("{"))
        self.validators = {}
        self.seen = set()  # (operation id, status) that were asked

    def find(self, method, path):
        for operation in self.operations:
            if operation.method == method and operation.pattern.fullmatch(path):
                return operation
        return None

    def validate(self, schema, value, what):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = {**schema, "components": self.document["components"]}
            self.validators[key] = jsonschema.Draft202012Validator(whole)
        errors = sorted(self.validators[key].iter_errors(thinned(value)), key=lambda e: list(map(str, e.path)))
        if errors:
            first = errors[0]
            place = "/".join(map(str, first.absolute_path))
            raise ContractError(f"{what}: at /{place}: {first.message[:500]}")

    def check(self, method, path, parameters, answer):
        """`path` below the web root, without the query. HEAD is judged as GET without a body."""
        operation = self.find("GET" if method == "HEAD" else method, path)
        if operation is None:
            raise ContractError(f"{method} {path} is no route of the contract")
        what = f"{method} {path} {answer.status}"
        response = operation.response(answer.status)
        self.seen.add((operation.id, answer.status))
        if answer.status < 400:
            self.check_parameters(operation, parameters, what)
        self.check_headers(operation, response, answer, what)
        content = response.get("content", {})
        given = answer.headers.get("Content-Type", "").split(";")[0]
        if not content and not given and not answer.body:
            return
        if given not in content:
            raise ContractError(f"{what}: content type {given!r}, declared {sorted(content)}")
        if method != "HEAD":
            body = answer.json() if given == "application/json" else answer.body.decode()
            self.validate(content[given]["schema"], body, what)

    def check_parameters(self, operation, parameters, what):
        """What was taken without complaint must be declared, where the route reads parameters at all."""
        if "ignored" in operation.definition.get("description", ""):
            return
        for name in parameters:
            if name not in operation.query:
                raise ContractError(f"{what}: parameter {name} is not declared but was taken")

    def check_headers(self, operation, response, answer, what):
        for name, declared in response.get("headers", {}).items():
            header = operation.resolved(declared)
            value = answer.headers.get(name)
            if value is None:
                raise ContractError(f"{what}: header {name} is missing")
            if "content" in header:
                self.validate(header["content"]["application/json"]["schema"], json.loads(value), f"{what}: {name}")
            else:
                self.validate(header["schema"], value, f"{what}: {name}")

    def check_error(self, answer):
        """Errors outside the routes (404 of a path, 405) have the same shape."""
        if answer.headers.get("Content-Type", "").split(";")[0] != "application/json":
            raise ContractError(f"an error of type {answer.headers.get('Content-Type')}")
        self.validate({"$ref": "#/components/schemas/Error"}, answer.json(), f"error {answer.status}")
