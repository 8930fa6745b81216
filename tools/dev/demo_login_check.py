"""What `./dev demo --check` looks at on the console with login: who comes in, and what each user sees."""
import urllib.parse

import demo_world as world
from demo_report import need

SESSION = "kiali-token-Kubernetes"
LIMIT = 10
# What each user may read, and a workload of it.
USERS = {"demo-a": ("bookinfo", "reviews-v1"), "demo-b": ("travel-agency", "cars-v1"), "demo-c": ("bank", "accounts-v1")}


def proxies_of(trace):
    """The pods whose proxies reported the trace's spans."""
    nodes = (tag["value"].split("~") for span in trace["spans"] for tag in span["tags"] if tag["key"] == "node_id")
    return {node[2].split(".")[0] for node in nodes if len(node) == 4}


class LoginCheck:
    """Users of the simulated cluster, each with a session of their own."""

    def __init__(self, demo, report, window):
        self.mesh = demo.mesh
        self.console = demo.login
        self.open_to_all = next(iter(demo.consoles.values()))
        self.consoles = len(demo.all_consoles())
        self.report = report
        self.protocol = next(iter(demo.consoles))
        self.window = window
        self.sight = demo.scenario.sight
        self.workload = self.sight.path(f"workloads/{self.sight.workload}")
        self.cookies = {}  # by user

    def run(self):
        name, allowed = self.sight.workload, self.sight.user
        other = next(user for user in USERS if user != allowed)
        steps = {"GET /api/namespaces, nobody": self.stranger}
        for user in USERS:
            steps[f"POST /api/authenticate, {user}"] = lambda user=user: self.login(user)
            steps[f"GET /api/namespaces, {user}"] = lambda user=user: self.namespaces(user)
            steps[f"GET /api/clusters/workloads, {user}"] = lambda user=user: self.workloads(user)
        steps.update({
            f"GET .../workloads/{name}/traces, {allowed}": self.traces,
            f"GET .../workloads/{name}/traces, {other}": lambda: self.hidden(other),
            f"GET .../workloads/{name}/logs, {allowed}": self.logs,
            "GET .../pods/accounts-v1-.../logs of ztunnel, demo-c": self.ztunnel,
            "GET /api/logout, demo-b": self.logout,
            "one list of each kind, whoever asks": self.lists,
        })
        for what, step in steps.items():
            self.report.run(self.protocol, what, step)

    def ask(self, target, user=None, status=200):
        headers = {"Cookie": f"{SESSION}={self.cookies[user]}"} if user else {}
        answer = self.console.ask(target, headers=headers)
        need(answer.status == status, f"status {answer.status}, not {status}: {answer.body[:200]!r}")
        return answer

    def stranger(self):
        self.console.wait("/readyz")
        body = self.ask("/api/namespaces", status=401).json()
        return 401, body["error"]

    def login(self, user):
        answer = self.console.ask(
            "/api/authenticate", method="POST", body=urllib.parse.urlencode({"token": world.token_of(user)}),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        need(answer.status == 200, f"status {answer.status}: {answer.body[:200]!r}")
        name, _, value = answer.headers["Set-Cookie"].split(";")[0].partition("=")
        need(name == SESSION and value, f"the cookie is {name}")
        self.cookies[user] = value
        info = self.ask("/api/auth/info", user).json()
        need(info["sessionInfo"]["expiresOn"] and info["sessionInfo"]["username"], f"the session is {info}")
        return 200, f"until {info['sessionInfo']['expiresOn']}"

    def namespaces(self, user):
        names = [one["name"] for one in self.ask("/api/namespaces", user).json()]
        need(names == [USERS[user][0]], f"namespaces are {names}")
        return 200, ", ".join(names)

    def workloads(self, user):
        namespace, wanted = USERS[user]
        answer = self.ask("/api/clusters/workloads", user)
        found = answer.json()["workloads"]
        need({item["namespace"] for item in found} == {namespace}, "workloads of other namespaces")
        need(wanted in {item["name"] for item in found}, f"{wanted} is missing")
        need(all(item["health"] and item["labels"] is not None for item in found), "no health or no labels")
        age = answer.meta()["cluster"]["ageMs"]
        need(age == 0, f"the list is {age} ms old")
        return 200, f"{len(found)} workloads"

    def traces(self):
        """As many as were asked for, and each went through this workload."""
        answer = self.ask(world.query(self.workload + "/traces", limit=LIMIT, **self.window), self.sight.user)
        body = answer.json()
        need(len(body["data"]) == LIMIT, f"{len(body['data'])} traces, not {LIMIT}")
        need(answer.meta()["stoppedBy"] == "limit", f"stoppedBy is {answer.meta()['stoppedBy']}")
        for trace in body["data"]:
            pods = proxies_of(trace)
            through = any(pod.startswith(self.sight.workload + "-") for pod in pods)
            need(through, f"trace {trace['traceID']} is of {sorted(pods)}")
        return 200, f"{LIMIT} traces, all through {self.sight.workload}"

    def hidden(self, user):
        body = self.ask(world.query(self.workload + "/traces", **self.window), user, status=403).json()
        need(body["code"] == "forbidden", f"code is {body['code']}")
        return 403, body["error"]

    def logs(self):
        """Both containers and the spans in one list by time, lines joined with their spans."""
        answer = self.ask(world.query(self.workload + "/logs", tail=200, spans="true"), self.sight.user)
        body = answer.json()
        entries = body["entries"]
        need({entry["kind"] for entry in entries} == {"app", "proxy", "span"}, "not lines of both kinds and spans")
        need([e["time"] for e in entries] == sorted(e["time"] for e in entries), "not in the order of time")
        states = {source["container"]: source["state"] for source in body["sources"]}
        own = self.sight.workload.rpartition("-")[0]
        need(states == {"istio-proxy": "ok", own: "ok"}, f"sources are {states}")
        joined = {(entry["kind"], entry["span"]["by"]) for entry in entries if "span" in entry}
        need(joined == self.sight.joined, f"lines are joined by {sorted(joined)}")
        need(all("access" in entry for entry in entries if entry["kind"] == "proxy"), "access lines are not read")
        return 200, f"{len(entries)} lines and spans of {len(states)} containers"

    def ztunnel(self):
        """In ambient mode: the node's lines about one pod, for this user none that names a namespace of others."""
        workload = "/api/namespaces/bank/workloads/accounts-v1"
        pod = self.ask(workload, "demo-c").json()["pods"][0]["name"]
        target = world.query(f"/api/namespaces/bank/pods/{pod}/logs", logType="ztunnel", maxLines=100)
        lines = self.ask(target, "demo-c").json()["entries"]
        need(lines and all(pod in line["message"] for line in lines), "no lines, or lines of other pods")
        need(all(line["accessLog"]["duration"] for line in lines), "the lines are not read")
        need(all("auditors" not in line["message"] for line in lines), "lines name a hidden namespace")
        all_lines = self.open_to_all.ask(target).json()["entries"]
        need(any("auditors" in line["message"] for line in all_lines), "who sees all does not see all lines")
        return 200, f"{len(lines)} lines about {pod}"

    def logout(self):
        answer = self.ask("/api/logout", "demo-b", status=204)
        need("Max-Age=0" in answer.headers["Set-Cookie"], "the cookie does not end")
        return 204, ""

    def lists(self):
        """What requests asked of the cluster were reviews and logs; consoles list once, to begin with."""
        counts = self.mesh.counts()["kubernetes"]
        listed = {what: count for what, count in counts.items() if what.startswith("list ")}
        need(listed, "the mesh counted no list")
        most = max(listed.values())
        need(most <= self.consoles, f"{most} lists of a kind by {self.consoles} consoles")
        return "", f"{len(listed)} kinds, {counts.get('review selfsubjectaccessreviews', 0)} reviews"
