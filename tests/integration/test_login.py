"""Login over the whole program, against the simulated cluster and its users."""
import base64
import datetime
import json
import os
import uuid

import pytest

import demo_world as world
from conftest import Launcher
from test_program import eventually
from visitor import (
    COUNT, FORM, SESSION, Visitor, bearer, cookies_in, kialis_session, open_sealed, rfc3339, seal, web_token,
)

KEY = world.DEMO_SIGNING_KEY
DAY = 86_400
SEES = {
    "demo-a": ["bookinfo"],
    "demo-b": ["travel-agency"],
    "demo-admin": ["api-gateway", "auditors", "bank", "bookinfo", "default", "istio-system", "travel-agency"],
}


@pytest.fixture
def console(guarded):
    return guarded[1]


def token_of(user):
    return world.token_of(user)


def with_cookie(sealed, padded=True):
    text = base64.b64encode(sealed).decode()
    return {"Cookie": f"{SESSION}={text if padded else text.rstrip('=')}"}


def moment(text):
    return datetime.datetime.fromisoformat(text[:19] + "+00:00")


def is_in(seconds, when):
    """Whether `when` is so many seconds from now, give or take a slow machine."""
    wanted = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return abs((when - wanted).total_seconds()) < 120


def ended(answer):
    return {cookie.name for cookie in cookies_in(answer) if cookie.ended() and cookie.value == ""}


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


@pytest.mark.parametrize("user", SEES)
def test_users_log_in_and_see_what_is_theirs(console, user):
    visitor = Visitor(console)
    assert visitor.info() == {}
    visitor.get("/api/namespaces", status=401)
    answer = visitor.login(token_of(user))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["username"] == "token"
    assert is_in(DAY, moment(answer.json()["expiresOn"]))
    (cookie,) = cookies_in(answer)
    assert cookie.name == SESSION
    assert set(cookie.flags) == {"path", "expires", "httponly", "samesite"}
    assert (cookie.flags["path"], cookie.flags["samesite"]) == ("/", "Strict")
    assert is_in(DAY, cookie.expires())
    info = visitor.get("/api/auth/info").json()
    assert info["strategy"] == "token"
    assert info["sessionInfo"]["username"] == "token"
    assert info["sessionInfo"]["clusterInfo"] == {"Kubernetes": {"name": "Kubernetes"}}
    assert datetime.datetime.strptime(info["sessionInfo"]["expiresOn"], "%a, %d %b %Y %H:%M:%S %z") == cookie.expires()
    assert visitor.namespaces() == SEES[user]


def test_a_logout_ends_the_session(console):
    visitor = Visitor(console, token_of("demo-a"))
    visitor.get("/api/logout", status=204)
    assert visitor.cookies == {}
    assert visitor.info() == {}
    visitor.get("/api/namespaces", status=401)
    # Nobody to log out is no mistake.
    visitor.get("/api/logout", status=204)


def test_the_cookie_has_kialis_format(console):
    visitor = Visitor(console, token_of("demo-b"))
    session = visitor.session(KEY)
    expires = session.pop("expiresOn")
    assert is_in(DAY, moment(expires)) and expires.endswith("Z")
    assert uuid.UUID(session.pop("sessionId")).version == 4
    assert session == {"cluster": "Kubernetes", "payload": {"token": "demo-b-token"}, "strategy": "token"}
    # What Kiali wrote is a session here, however it was padded.
    for padded in (True, False):
        theirs = with_cookie(seal(KEY, kialis_session("demo-b-token", rfc3339(600))), padded)
        assert [one["name"] for one in console.get("/api/namespaces", headers=theirs).json()] == ["travel-agency"]


def session(token="demo-a-token", life=600, **more):
    return kialis_session(token, rfc3339(life), **more)


# Sealed when the test runs: what is only old would be refused for that.
@pytest.mark.parametrize("sealed", [
    lambda: seal(KEY, session(life=-1)),
    lambda: seal(KEY, session(strategy="header")),
    lambda: seal(KEY, session(cluster="elsewhere")),
    lambda: seal(KEY, session("stranger-token")),
    lambda: seal(KEY, "no session"),
    lambda: seal(KEY, session())[:-1],
    lambda: seal("0123456789abcdef", session()),
    lambda: b"short",
], ids=["expired", "strategy", "cluster", "refused", "text", "cut", "key", "short"])
def test_a_session_that_cannot_be_used_is_ended(console, sealed):
    assert console.get("/api/namespaces", headers=with_cookie(seal(KEY, session()))).json()
    answer = console.get("/api/namespaces", status=401, headers=with_cookie(sealed()))
    assert answer.json()["code"] == "unauthenticated"
    assert ended(answer) == {SESSION}


def test_large_tokens_go_into_several_cookies(console):
    large = web_token("demo-a", groups=[f"group-{number:04}" for number in range(700)])
    visitor = Visitor(console)
    assert visitor.login(large).json()["username"] == "demo:demo-a"
    parts = len(visitor.cookies) - 1
    assert parts >= 3
    assert visitor.cookies[COUNT] == str(parts)
    assert set(visitor.cookies) == {COUNT, SESSION} | {f"{SESSION}-{index}" for index in range(1, parts)}
    assert all(len(value) == 3584 for name, value in visitor.cookies.items() if name in (SESSION, SESSION + "-1"))
    assert visitor.session(KEY)["payload"]["token"] == large
    assert visitor.namespaces() == ["bookinfo"]
    # A part that got lost ends all; a shorter session leaves nothing of the longer one.
    less = {name: value for name, value in visitor.cookies.items() if name != SESSION + "-1"}
    broken = "; ".join(f"{name}={value}" for name, value in less.items())
    assert ended(console.get("/api/namespaces", status=401, headers={"Cookie": broken})) == set(less)
    visitor.login(token_of("demo-b"))
    assert set(visitor.cookies) == {SESSION}
    assert visitor.namespaces() == ["travel-agency"]


def test_a_token_that_no_cookie_holds_is_refused(console):
    answer = Visitor(console).login("x" * 41_000, status=400)
    assert "40960" in answer.json()["error"]


def test_a_session_is_extended_as_long_as_its_token_lives(console):
    visitor = Visitor(console)
    visitor.get("/api/authenticate", status=401)
    # A session of another server with the same key, about to end.
    short = seal(KEY, kialis_session("demo-a-token", rfc3339(600)))
    visitor.cookies[SESSION] = base64.b64encode(short).decode()
    before = json.loads(open_sealed(KEY, short))
    assert is_in(600, moment(before["expiresOn"]))
    assert is_in(DAY, moment(visitor.get("/api/authenticate").json()["expiresOn"]))
    after = visitor.session(KEY)
    assert after["sessionId"] == before["sessionId"]
    assert is_in(DAY, moment(after["expiresOn"]))
    # Never beyond the token's own end.
    end = int(datetime.datetime.now().timestamp()) + 1200
    visitor.login(web_token("demo-a", exp=end))
    assert is_in(1200, moment(visitor.session(KEY)["expiresOn"]))
    assert is_in(1200, moment(visitor.get("/api/authenticate").json()["expiresOn"]))


@pytest.mark.parametrize("token, status, says", [
    ("", 400, "token is missing"),
    ("stranger-token", 401, "not valid or is expired"),
    ("two words", 401, "not valid or is expired"),
    (web_token("demo-a", exp=1), 401, "not valid or is expired"),
    (world.token_of("demo-nobody"), 401, "sees no namespace"),
])
def test_what_no_session_is_begun_with(console, token, status, says):
    visitor = Visitor(console, token_of("demo-a"))
    answer = visitor.login(token, status=status)
    assert says in answer.json()["error"]
    # As with Kiali, the session there was is over.
    assert ended(answer) == {SESSION}
    assert visitor.cookies == {}


def test_the_token_is_read_in_the_body_only(console):
    answer = console.get("/api/authenticate", status=400, method="POST", headers=FORM, token=token_of("demo-a"))
    assert "token is missing" in answer.json()["error"]


def test_scripts_need_no_session(console):
    for user, names in SEES.items():
        answer = console.get("/api/namespaces", headers=bearer(token_of(user)))
        assert [one["name"] for one in answer.json()] == names
        assert cookies_in(answer) == []
    console.get("/api/namespaces", status=401, headers=bearer("stranger-token"))
    console.get("/api/namespaces", status=401, headers={"Authorization": "Basic " + "x" * 8})
    assert console.raw("/api/namespaces", method="HEAD").status == 401
    assert console.raw("/api/namespaces", method="HEAD", headers=bearer(token_of("demo-a"))).status == 200
    # With both, the session counts.
    visitor = Visitor(console, token_of("demo-a"))
    answer = visitor.get("/api/namespaces", headers=bearer(token_of("demo-b")))
    assert [one["name"] for one in answer.json()] == ["bookinfo"]
    # With this strategy nobody is somebody else.
    other = {**bearer(token_of("demo-admin")), "Impersonate-User": "demo-a"}
    assert len(console.get("/api/namespaces", headers=other).json()) == 7


def test_a_page_of_another_site_begins_no_session(console):
    visitor = Visitor(console)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.org"}):
        assert visitor.login(token_of("demo-a"), 403, headers).json()["code"] == "cross_site"
    assert visitor.login(token_of("demo-a"), 415, {"Content-Type": "text/plain"}).json()["code"]
    assert visitor.cookies == {}
    visitor.login(token_of("demo-a"), headers={"Sec-Fetch-Site": "same-origin"})


def test_cookies_are_secure_where_browsers_use_https(console):
    (cookie,) = cookies_in(Visitor(console).login(token_of("demo-a"), headers={"X-Forwarded-Proto": "https"}))
    assert "secure" in cookie.flags


def test_routes_that_are_open_ask_nobody(guarded):
    mesh, console = guarded
    visitor = Visitor(console, token_of("demo-a"))
    stranger = with_cookie(seal(KEY, kialis_session("stranger-token", rfc3339(600))))

    def asked():
        # What the server asks on its own comes from demo-server.
        counts = mesh.counts()["kubernetes_users"]
        return {user: count for user, count in counts.items() if user != "demo-server"}

    before = asked()
    for headers in ({}, stranger, bearer("stranger-token")):
        for path in ("/healthz", "/readyz", "/api", "/api/openapi.json", "/api/auth/info"):
            console.get(path, headers=headers)
        console.get("/api/logout", status=204, headers=headers)
    assert visitor.info()["username"] == "token"
    assert asked() == before


def test_bad_tokens_are_limited_and_hit_nobody_else(launch, guarded):
    mesh, _ = guarded
    console = launch.guarded(mesh)
    visitor = Visitor(console, token_of("demo-a"))

    def guesses():
        return mesh.counts()["kubernetes_users"].get("unknown", 0)

    before = guesses()
    answers = [Visitor(console).api.raw("/api/namespaces", headers=bearer(f"guess-{number}")) for number in range(40)]
    assert [answer.status for answer in answers] == [401] * 30 + [429] * 10
    after = guesses()
    refused = Visitor(console).login("guess-again", status=429)
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert after > before
    assert guesses() == after
    # A token that was good lately, and its session, go on.
    assert visitor.namespaces() == ["bookinfo"]
    console.get("/api/namespaces", headers=bearer(token_of("demo-a")))
    assert visitor.get("/api/authenticate").status == 200


def replaced(path, text):
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


def test_keys_are_replaced_with_overlap(launch, guarded, tmp_path):
    mesh, _ = guarded
    first, second = "the-first-key-16", "the-second-key-of-24-byt"
    file = tmp_path / "signing-key"
    replaced(file, first + "\n")
    console = launch.guarded(mesh, key=file)
    old = Visitor(console, token_of("demo-a"))
    assert old.session(first)["strategy"] == "token"
    replaced(file, second)

    def sealed_with():
        visitor = Visitor(console, token_of("demo-b"))
        for key in (first, second):
            try:
                visitor.session(key)
                return key
            except AssertionError:
                continue
        return None

    eventually(sealed_with, second)
    assert old.namespaces() == ["bookinfo"]
    # What is no key changes nothing.
    replaced(file, "short")

    def is_told():
        old.info()
        return "login_token.signing_key has 5 bytes" in console.console.process.log()

    eventually(is_told, True)
    assert old.namespaces() == ["bookinfo"]
    assert sealed_with() == second
    # Another process: the old key counts where the configuration says so.
    replaced(file, second)
    remembers = launch.guarded(mesh, key=file, more={"meshscope": {"previous_signing_keys": [first]}})
    assert Visitor(remembers).info() == {}
    old.api = remembers
    assert old.namespaces() == ["bookinfo"]
    forgets = launch.guarded(mesh, key=file)
    old.api = forgets
    old.get("/api/namespaces", status=401)
    assert old.cookies == {}


def test_an_outage_of_kubernetes_logs_nobody_out(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(world.FIXTURE_START_MICROS)])
    console = launch.guarded(mesh, more={"kubernetes_config": {"cache_token_namespace_duration": 1}})
    visitor = Visitor(console, token_of("demo-a"))
    mesh.set_kubernetes(state="off")
    refused = Visitor(console).login(token_of("demo-b"), status=503).json()
    assert "log" in refused["hint"]["advice"]
    assert "127.0.0.1" not in str(refused) and "detail" not in refused
    assert "Kubernetes cannot be asked who calls" in console.console.process.log()

    def status():
        return visitor.api.raw("/api/namespaces", headers={"Cookie": f"{SESSION}={visitor.cookies[SESSION]}"})

    eventually(lambda: status().status, 503)
    assert cookies_in(status()) == []
    assert visitor.info()["username"] == "token"
    mesh.set_kubernetes(state="on")
    eventually(lambda: status().status, 200)


def test_the_log_tells_who_came_and_no_token(launch, guarded):
    mesh, _ = guarded
    console = launch.guarded(mesh)
    token = web_token("demo-a")
    visitor = Visitor(console, token)
    visitor.get("/api/authenticate")
    visitor.login("guess-5f0c", status=401)
    visitor.login(token)
    visitor.get("/api/logout", status=204)
    console.console.stop()
    log = console.console.process.log()
    for words in ("event=login user=demo:demo-a", "event=session_extended user=demo:demo-a", "event=login_refused", "event=logout user=demo:demo-a"):
        assert words in log
    for secret in (token, token.split(".")[1], "guess-5f0c", KEY, "demo-server-token"):
        assert secret not in log


@pytest.fixture(scope="module")
def by_header(request, build_dir, contract, tmp_path_factory, guarded):
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("header"), contract)
    request.addfinalizer(launcher.stop)
    return launcher.guarded(guarded[0], "header", more={"server": {"web_root": "/mesh"}})


def test_header_a_proxy_says_who_it_is(by_header):
    by_header.get("/api/namespaces", status=401)
    for user, names in SEES.items():
        answer = by_header.get("/api/namespaces", headers=bearer(token_of(user)))
        assert [one["name"] for one in answer.json()] == names
    by_header.get("/api/namespaces", status=401, headers=bearer("stranger-token"))
    # A session says how long, not who: the header has to come along.
    visitor = Visitor(by_header)
    proxy = bearer(token_of("demo-a"))
    visitor.get("/api/authenticate", method="POST", status=401)
    answer = visitor.get("/api/authenticate", method="POST", headers=proxy)
    assert answer.json()["username"] == "demo-a"
    assert [cookie.flags["path"] for cookie in cookies_in(answer)] == ["/mesh"]
    session = visitor.session(KEY)
    assert (session["strategy"], session["payload"]) == ("header", {"subject": "demo-a", "token": "demo-a-token"})
    assert visitor.info()["username"] == "demo-a"
    assert visitor.namespaces(headers=proxy) == ["bookinfo"]
    kept = dict(visitor.cookies)
    visitor.get("/api/namespaces", status=401)
    visitor.cookies = kept
    visitor.get("/api/namespaces", status=401, headers=bearer(token_of("demo-b")))


def test_header_rights_are_those_of_the_impersonated(by_header):
    def ask(token, status=200, **more):
        headers = {**bearer(token), **{name.replace("_", "-"): value for name, value in more.items()}}
        return by_header.get("/api/namespaces", status=status, headers=headers)

    admin = token_of("demo-admin")
    assert [one["name"] for one in ask(admin, Impersonate_User="demo-b").json()] == ["travel-agency"]
    assert len(ask(admin).json()) == 7
    ask(token_of("demo-a"), 403, Impersonate_User="demo-b")
    for wrong in ({"Impersonate_User": "system:admin"}, {"Impersonate_Group": "system:masters"},
                  {"Impersonate_User": "demo-b", "Impersonate_Group": "system:masters"}):
        ask(admin, 401, **wrong)
    visitor = Visitor(by_header)
    proxy = {**bearer(admin), "Impersonate-User": "demo-b"}
    assert visitor.get("/api/authenticate", method="POST", headers=proxy).json()["username"] == "demo-b"
    assert visitor.namespaces(headers=proxy) == ["travel-agency"]


@pytest.mark.parametrize("settings, key", [
    ({"auth": {"strategy": "token"}, "login_token": {"signing_key": KEY}}, "auth.strategy"),
    ({"auth": {"strategy": "token"}}, "login_token.signing_key"),
    ({"auth": {"strategy": "header"}, "login_token": {"signing_key": "/none/such"}}, "login_token.signing_key"),
])
def test_what_keeps_the_server_from_starting(build_dir, tmp_path, guarded, settings, key):
    if key != "auth.strategy":
        settings = {**settings, "meshscope": {"kubernetes": {"kubeconfig": str(guarded[0].kubeconfig(tmp_path / "k"))}}}
    console = world.Console(build_dir, tmp_path, world.free_port(), world.free_port(), {"enabled": False}, settings)
    console.process.child.wait(60)
    assert console.process.child.returncode == 1
    assert key in console.process.log()
