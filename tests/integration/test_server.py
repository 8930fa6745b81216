"""HTTP manners over the whole program: unknown paths, methods, web root, ids, compression."""
import gzip
import json

import pytest

from conftest import HOUR

PAGE = "/api/namespaces/bookinfo/apps/productpage/traces"


@pytest.mark.parametrize("path", ["/api/nosuch", "/api/namespaces/bookinfo", "/api/traces/abc/nosuch", "/api/healthz"])
def test_an_unknown_path_is_404(both, path):
    answer = both["grpc"].raw(path)
    assert answer.status == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/api/config", "/api/traces", PAGE])
def test_a_wrong_method_is_405_and_names_the_right_ones(both, method, path):
    answer = both["grpc"].raw(path, method=method)
    assert answer.status == 405
    allowed = {word.strip() for word in answer.headers["Allow"].split(",")}
    assert {"GET", "HEAD"} <= allowed
    assert method not in allowed
    assert answer.json()["code"] == "method_not_allowed"


def test_a_slash_too_many_is_redirected(both):
    answer = both["grpc"].raw("/api/config/")
    assert answer.status in (301, 302, 307, 308)
    assert answer.headers["Location"].endswith("/api/config")


def test_head_is_get_without_a_body(both):
    answer = both["grpc"].get("/api/config", method="HEAD")
    assert answer.body == b""
    assert answer.headers["Content-Type"] == both["grpc"].get("/api/config").headers["Content-Type"]


def test_request_ids_come_back(both):
    given = {"X-Request-Id": "my-id-1"}
    assert both["grpc"].get("/api/config", headers=given).headers["X-Request-Id"] == "my-id-1"
    error = both["grpc"].raw("/api/nosuch", headers=given)
    assert error.json()["requestId"] == "my-id-1"
    first, second = (both["grpc"].get("/api/config").headers["X-Request-Id"] for _ in range(2))
    assert first != second


def test_bodies_are_compressed_on_demand(both):
    plain = both["http"].get(PAGE, limit=5, **HOUR)
    assert "Content-Encoding" not in plain.headers
    target = f"{PAGE}?limit=5&startMicros={HOUR['startMicros']}&endMicros={HOUR['endMicros']}"
    packed = both["http"].console.ask(target, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.body) < len(plain.body) / 3
    unpacked = json.loads(gzip.decompress(packed.body))
    assert unpacked["data"] == plain.json()["data"]


@pytest.mark.parametrize("web_root", ["/kiali", "/a/b"])
def test_everything_lives_below_the_web_root(launch, web_root):
    mesh = launch.mesh()
    api = launch.console_for(mesh, "grpc", more={"server": {"web_root": web_root}})
    assert api.get("/api/config").status == 200
    assert api.get("/api/namespaces/bookinfo/apps/productpage/traces").json()["data"]
    outside = launch.console_for(mesh, "grpc").console
    assert outside.ask("/api/config").status == 200
    api.console.web_root = ""
    assert api.raw("/api/config").status == 404
    assert api.raw(web_root + "x/api/config").status == 404


def test_security_headers(both):
    headers = both["grpc"].get("/api/config").headers
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_it_ends_in_order_when_asked_to(launch):
    mesh = launch.mesh()
    api = launch.console_for(mesh, "grpc")
    api.get("/api/config")
    assert api.console.stop() == 0
