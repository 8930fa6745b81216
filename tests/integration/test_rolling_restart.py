"""Two replicas behind a real proxy (HAProxy) are replaced one after the other under load: no request is lost, sessions go on, streams resume."""
import base64
import collections
import contextlib
import http.client
import os
import shutil
import socket
import threading
import time

import pytest

import demo_world as world
from test_logs import Events, entries, line_of
from test_program import eventually
from visitor import SESSION, Visitor, kialis_session, rfc3339, seal

READERS = 4
ASKED = ["/api/namespaces/bookinfo/apps/productpage/traces?limit=5", "/api/clusters/workloads", "/api/auth/info"]
AWAY = 2  # seconds until browsers come again when a stream has ended
FOLLOWED = world.query("/api/namespaces/bookinfo/workloads/productpage-v1/logs", follow="true", tail=5)

PROXY = """
global
    maxconn 256
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout check 10s
    retries 0
frontend console
    bind 127.0.0.1:{port}
    default_backend replicas
backend replicas
    balance roundrobin
    option httpchk GET /readyz
    default-server inter 100ms fall 1 rise 1
{servers}
"""


class Replica:
    """One of them: stopped and started again on its port, with the key that all have, or with a Secret of its own in `secret`."""

    def __init__(self, launch, mesh, number, secret=None):
        self.launch, self.mesh, self.number, self.secret = launch, mesh, number, secret
        self.port = world.free_port()
        self.start()

    def start(self):
        more, key = {"meshscope": {"shutdown_delay": "5s"}}, world.DEMO_SIGNING_KEY
        if self.secret:
            more["meshscope"]["previous_signing_keys"] = [str(self.secret / "also")]
            key = self.secret / "key"
        self.api = self.launch.guarded(self.mesh, key=key, more=more, port=self.port)

    def mount(self, key, also):
        """As a mounted Secret changes: new files put in place of the old ones. Until the replica knows both."""
        for name, text in (("key", key), ("also", also)):
            (self.secret / "new").write_text(text)
            os.replace(self.secret / "new", self.secret / name)
        eventually(lambda: (self.takes(key), self.takes(also)), (True, True))
        eventually(lambda: self.seals_with(key), True)

    def takes(self, key):
        """Whether a session that was sealed with that key is one here."""
        text = seal(key, kialis_session(world.token_of("demo-admin"), rfc3339(600)))
        return self.api.console.ask("/api/namespaces", headers={"Cookie": f"{SESSION}={base64.b64encode(text).decode()}"}).status == 200

    def seals_with(self, key):
        visitor = Visitor(self.api, world.token_of("demo-admin"))
        with contextlib.suppress(AssertionError):
            return bool(visitor.session(key))
        return False

    def replace(self):
        assert self.api.console.process.stop(patience=30) == 0
        self.start()


class Proxy:
    def __init__(self, folder, replicas):
        self.port = world.free_port()
        servers = "".join(f"    server r{r.number} 127.0.0.1:{r.port} check\n" for r in replicas)
        path = folder / "haproxy.cfg"
        path.write_text(PROXY.format(port=self.port, servers=servers))
        self.process = world.Process("haproxy", [shutil.which("haproxy") or "/usr/sbin/haproxy", "-f", path, "-db"], folder / "haproxy.log")

    def wait(self):
        """Until it sends requests on."""
        limit = time.monotonic() + 30
        while True:
            assert self.process.running(), self.process.log()
            assert time.monotonic() < limit, self.process.log()
            with contextlib.suppress(OSError):
                if self.ask("/readyz").status == 200:
                    return
            time.sleep(0.02)

    def ask(self, target, headers=None):
        return world.ask(self.port, target, headers=headers)


@pytest.fixture
def behind_proxy(request, launch, tmp_path):
    """Gives a function: replicas -> the proxy before them."""
    def start(replicas):
        proxy = Proxy(tmp_path, replicas)

        def stop():
            proxy.process.child.kill()
            proxy.process.child.wait()
            # Nobody is sent to them any more: the launcher's signal is the second one, which ends the delay.
            for replica in replicas:
                replica.api.console.process.child.terminate()
            for replica in replicas:
                replica.api.console.wait("/readyz", until=lambda answer: answer.status == 503)

        request.addfinalizer(stop)
        proxy.wait()
        return proxy

    return start


@pytest.fixture
def replicas(launch, behind_proxy):
    mesh = launch.mesh()
    both = [Replica(launch, mesh, number) for number in range(2)]
    return both, behind_proxy(both)


def session_of(replica):
    """The cookie header of somebody who has logged in at this replica."""
    visitor = Visitor(replica.api, world.token_of("demo-admin"))
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}


class Load:
    """Reads through the proxy until it is told to stop; what was not a 200 is kept."""

    def __init__(self, proxy, session):
        self.proxy, self.session = proxy, session
        self.stopped = threading.Event()
        self.counts = collections.Counter()
        self.wrong = []
        self.threads = [threading.Thread(target=self.read, args=(i,)) for i in range(READERS)]
        for thread in self.threads:
            thread.start()

    def read(self, number):
        while not self.stopped.is_set():
            target = ASKED[number % len(ASKED)]
            number += 1
            try:
                answer = self.proxy.ask(target, self.session)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append((target, repr(error)))
                continue
            self.counts[target] += 1
            if answer.status != 200:
                self.wrong.append((target, answer.status, answer.body[:200]))

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


class Follower:
    """Follows a log through the proxy; when the stream ends it goes on where it was, as browsers do."""

    def __init__(self, proxy, session):
        self.proxy, self.session = proxy, session
        self.lines = []
        self.streams = 0
        self.came = collections.Counter()  # lines by stream
        self.begun = None  # the time of the newest line that was there before
        self.failed = None  # what has ended it too early
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            self.follow()
        except Exception as error:  # raised by goes_on()
            self.failed = error

    def goes_on(self):
        """True, or raises what has ended it."""
        if self.failed:
            raise self.failed
        return True

    def follow(self):
        point = None
        while not self.stopped.is_set():
            headers = {**self.session, **({"Last-Event-ID": point} if point else {})}
            with Events(self.proxy, FOLLOWED, headers) as events:
                self.socket = events.connection.sock
                assert events.response.status == 200
                self.streams += 1
                kept = []
                while not self.stopped.is_set():
                    name, data = events.next()
                    if name is None:
                        break
                    kept += [line_of(entry) for entry in entries([(name, data)])]
                    if name == "meta" and self.begun is None:
                        self.begun = max(time_of(line) for line in self.lines + kept)
                    self.came[self.streams] = len(kept)
                    if events.at_point:  # behind it nothing comes again
                        self.lines += kept
                        kept, point = [], events.id
            self.stopped.wait(AWAY)

    def stop(self):
        self.stopped.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # else it waits for the next line
        self.thread.join()


def time_of(line):
    return line[2]


def written_since(proxy, session, begun):
    """Lines of the same log, asked for without following."""
    target = world.query(FOLLOWED.partition("?")[0], tail=25_000)
    answer = proxy.ask(target, session).json()
    assert answer["meta"]["stoppedBy"] == "complete", answer["meta"]
    return {line for line in map(line_of, answer["entries"]) if time_of(line) > begun}


def test_keys_rotate_without_a_logout(launch, tmp_path, behind_proxy):
    """Step by step, as docs/login.md has it: a replica that does not know the new key yet is sent no session that was sealed with it."""
    old, new = "old-old-old-key-", "new-new-new-key-"
    mesh = launch.mesh()
    both = []
    for number in range(2):
        secret = tmp_path / f"secret{number}"
        secret.mkdir()
        (secret / "key").write_text(old)
        (secret / "also").write_text(old)
        both.append(Replica(launch, mesh, number, secret))
    proxy = behind_proxy(both)
    sessions = [session_of(both[0])]
    load = Load(proxy, sessions[0])
    try:
        for key, also in ((old, new), (new, old)):
            for replica in both:
                replica.mount(key, also)
                sessions.append(session_of(replica))
                for session in sessions:
                    for _ in both:  # the proxy takes them in turn
                        assert proxy.ask("/api/namespaces", session).status == 200
                before = sum(load.counts.values())
                eventually(lambda: sum(load.counts.values()) > before + 10, True)
        assert both[0].seals_with(new) and not both[0].seals_with(old)
        # What was sealed with the new key needs the old one no more.
        for replica in both:
            replica.mount(new, new)
            assert proxy.ask("/api/namespaces", sessions[-1]).status == 200
    finally:
        load.stop()
    assert load.wrong == []


def served(replica):
    """Requests that a replica has answered so far."""
    text = world.ask(replica.api.console.metrics_port, "/metrics").body.decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("meshscope_http_requests_total{") and "/api/" in line)


def test_replicas_are_replaced_without_losing_a_request(replicas):
    both, proxy = replicas
    session = session_of(both[0])  # any replica serves any session
    load, follower = Load(proxy, session), Follower(proxy, session)
    try:
        # A stream that begins at a replica which is replaced already would never end.
        eventually(lambda: follower.goes_on() and follower.begun is not None, True)
        for replica in both:
            before = sum(load.counts.values())
            replica.replace()
            eventually(lambda replica=replica: served(replica) >= 10, True)  # the proxy sends requests to the new one
            assert sum(load.counts.values()) > before
        # No stream of the beginning is left; the one of now brings lines.
        eventually(lambda: follower.goes_on() and follower.streams > 1 and follower.came[follower.streams] > 0, True)
        written = written_since(proxy, session, follower.begun)
        eventually(lambda: follower.goes_on() and written - set(follower.lines), set())
    finally:
        load.stop()
        follower.stop()
    assert load.wrong == []
    assert min(load.counts[target] for target in ASKED) > 10
    assert follower.streams > 1, "no stream was ended by a replaced replica"
    assert len(follower.lines) == len(set(follower.lines)), "lines came twice"
    assert written, "nothing was written meanwhile"


def test_a_replica_that_retires_still_answers(launch):
    """Between the signal and the end it is not ready, and serves all that comes; a second signal ends that."""
    mesh = launch.mesh()
    api = launch.console_for(mesh, "http", {"meshscope": {"shutdown_delay": "60s"}}, wait="/readyz")
    api.console.process.child.terminate()
    assert api.console.wait("/readyz", until=lambda answer: answer.status == 503)
    assert api.get("/api/clusters/workloads").status == 200
    begun = time.monotonic()
    assert api.console.process.stop(patience=30) == 0
    assert time.monotonic() - begun < 30
