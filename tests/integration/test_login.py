"""Login over the whole program. Without one (strategy anonymous) everybody is let in and nothing is kept."""
import pytest


def test_without_a_login_everybody_is_in(both):
    api = both["grpc"]
    assert api.get("/api/auth/info").json() == {"sessionInfo": {}, "strategy": "anonymous"}
    for method in ("POST", "GET"):
        answer = api.get("/api/authenticate", method=method)
        assert answer.body == b""
        assert "Set-Cookie" not in answer.headers
    api.get("/api/logout", status=204)


@pytest.mark.parametrize("headers, status", [
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "https://evil.example.org"}, 403),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Type": "application/x-www-form-urlencoded"}, 200),
])
def test_pages_of_other_sites_change_nothing(both, headers, status):
    both["grpc"].get("/api/authenticate", method="POST", headers=headers, status=status)
