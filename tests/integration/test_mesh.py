"""What is in the cluster, over the whole program: namespaces, workloads, applications, services, pods, permissions."""
import pytest

import demo_world as world
from conftest import NOW
from visitor import bearer

ALL = ["api-gateway", "auditors", "bank", "bookinfo", "default", "istio-system", "travel-agency"]
BOOKINFO = [
    "details-v1", "productpage-v1", "ratings-db", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3",
]
LISTS = {
    "workloads": "/api/clusters/workloads",
    "applications": "/api/clusters/apps",
    "services": "/api/clusters/services",
}
DETAILS = {
    "workload": "/api/namespaces/{}/workloads/reviews-v2",
    "app": "/api/namespaces/{}/apps/reviews",
    "service": "/api/namespaces/{}/services/reviews",
    "info": "/api/namespaces/{}/info",
    "pod": "/api/namespaces/{}/pods/reviews-v2-0",
}
NO_REQUESTS = {"requests": {"healthAnnotations": {}, "inbound": {}, "outbound": {}}}
NO_TRAFFIC = {**NO_REQUESTS, "status": {"errorRatio": -1, "status": "NA"}}


@pytest.fixture
def console(both):
    return complete(both["grpc"])


def complete(api):
    """What may be absent is no reason to wait at the start; here it is waited for."""
    api.console.wait(LISTS["services"], until=lambda answer: answer.status == 200 and not answer.meta()["cluster"]["off"])
    return api


def token(user):
    return bearer(world.token_of(user))


def named(items, *names):
    """By namespace and name, in the order of the list."""
    found = [item for item in items if item["name"] in names]
    assert [item["name"] for item in found] == list(names)
    return found


def places(items):
    return [(item["namespace"], item["name"]) for item in items]


def whole(answer, returned):
    """What meta says of an answer out of memory that lacks nothing."""
    meta = answer.meta()
    assert (meta["returned"], meta["scanned"], meta["stoppedBy"]) == (returned, returned, "complete")
    assert meta["cluster"] == {"name": "Kubernetes", "ageMs": 0, "stale": False, "off": []}
    assert (meta["upstream"], meta["dropped"]) == ([], [])
    # Health is of replicas alone: these consoles have no metrics.
    assert [warning["code"] for warning in meta["warnings"]] in ([], ["requests_off"])


def gvk(group, version, kind):
    return {"Group": group, "Version": version, "Kind": kind}


def reference(group, kind, namespace, name):
    return {"objectGVK": gvk(group, "v1", kind), "name": name, "namespace": namespace, "cluster": "Kubernetes"}


def test_namespaces(console):
    answer = console.get("/api/namespaces", anything="is ignored")
    namespaces = answer.json()
    assert [one["name"] for one in namespaces] == ALL
    whole(answer, len(ALL))
    bookinfo, = named(namespaces, "bookinfo")
    assert bookinfo == {
        "name": "bookinfo", "cluster": "Kubernetes", "isAmbient": False, "isControlPlane": False,
        "labels": {"istio-injection": "enabled", "kubernetes.io/metadata.name": "bookinfo"},
        "annotations": {}, "revision": "default",
    }
    istio, = named(namespaces, "istio-system")
    assert (istio["isControlPlane"], istio["revision"]) == (True, "default")
    assert [one["name"] for one in namespaces if one["isAmbient"]] == ["auditors", "bank", "istio-system"]
    answer = console.get("/api/namespaces/bookinfo/info", clusterName="Kubernetes")
    assert answer.json() == bookinfo
    whole(answer, 1)


def test_workloads(console):
    answer = console.get(LISTS["workloads"])
    body = answer.json()
    assert (body["cluster"], body["validations"]) == ("Kubernetes", {})
    workloads = body["workloads"]
    whole(answer, len(workloads))
    assert places(workloads) == sorted(places(workloads))
    here = [one["name"] for one in workloads if one["namespace"] == "bookinfo"]
    assert [name for name in here if name in BOOKINFO] == BOOKINFO
    reviews, = named(workloads, "reviews-v2")
    assert reviews["createdAt"].endswith("Z") and reviews["resourceVersion"].isdigit()
    del reviews["createdAt"], reviews["resourceVersion"]
    assert reviews == {
        "name": "reviews-v2", "namespace": "bookinfo", "cluster": "Kubernetes",
        "gvk": gvk("apps", "v1", "Deployment"), "istioSidecar": True, "isAmbient": False, "isGateway": False,
        "isWaypoint": False, "isZtunnel": False, "additionalDetailSample": None,
        "labels": {"app": "reviews", "version": "v2"}, "appLabel": True, "versionLabel": True, "podCount": 1,
        "annotations": {"deployment.kubernetes.io/revision": "2"}, "healthAnnotations": {}, "istioReferences": [],
        "dashboardAnnotations": {}, "serviceAccountNames": ["bookinfo-reviews"],
        "health": {
            **NO_REQUESTS,
            "status": {"errorRatio": -1, "status": "Healthy"},
            "workloadStatus": {
                "name": "reviews-v2", "desiredReplicas": 1, "currentReplicas": 1, "availableReplicas": 1,
                "syncedProxies": -1,
            },
        },
        "waypointWorkloads": None,
    }
    gateway, = named(workloads, "istio-ingressgateway")
    assert (gateway["isGateway"], gateway["istioInjectionAnnotation"]) == (True, True)
    assert gateway["istioReferences"] == [reference("networking.istio.io", "Gateway", "bookinfo", "bookinfo-gateway")]
    database, = named(workloads, "ratings-db")
    assert (database["gvk"]["Kind"], database["istioSidecar"], database["versionLabel"]) == ("StatefulSet", False, False)
    agents, = named(workloads, "istio-cni-node")
    assert (agents["gvk"]["Kind"], agents["podCount"]) == ("DaemonSet", 3)
    machines, = named(workloads, "bookings")
    assert machines["gvk"] == gvk("networking.istio.io", machines["gvk"]["Version"], "WorkloadGroup")
    # Jobs are left out, as the configuration says by default.
    assert not any(one["gvk"]["Kind"] in ("Job", "CronJob") for one in workloads)


def test_one_workload(console):
    answer = console.get("/api/namespaces/bookinfo/workloads/reviews-v2")
    body = answer.json()
    whole(answer, 1)
    assert (body["desiredReplicas"], body["currentReplicas"], body["availableReplicas"]) == (1, 1, 1)
    assert (body["runtimes"], body["additionalDetails"], body["validations"]) == ([], [], {})
    assert (body["waypointServices"], body["waypointWorkloads"], body["workloadEntries"]) == (None, None, None)
    service, = body["services"]
    assert (service["name"], service["appLabel"], service["istioSidecar"]) == ("reviews", True, True)
    assert service["selector"] == {"app": "reviews"}
    pod, = body["pods"]
    # The same from Kubernetes itself, with what memory does not keep.
    live = console.get(f"/api/namespaces/bookinfo/pods/{pod['name']}")
    assert {**live.json(), "annotations": pod["annotations"]} == pod
    assert set(pod["annotations"]) < set(live.json()["annotations"])
    assert [(one["name"], one["calls"]) for one in live.meta()["upstream"]] == [("kubernetes", 1)]
    assert pod["status"] == "Running"
    assert [one["kind"] for one in pod["createdBy"]] == ["ReplicaSet"]
    assert [(one["name"], one["isProxy"], one["isReady"]) for one in pod["containers"]] == [("reviews", False, True)]
    proxies = pod["istioContainers"] + pod["istioInitContainers"]
    assert ("istio-proxy", True, True) in [(one["name"], one["isProxy"], one["isReady"]) for one in proxies]
    kinds = [
        ("Deployment", 200), ("apps/v1, Kind=Deployment", 200), ("apps/v1, Kind=StatefulSet", 404),
        ("apps, Kind=Deployment", 400),
    ]
    for kind, status in kinds:
        console.get("/api/namespaces/bookinfo/workloads/reviews-v2", status, gvk=kind)
    machine = console.get("/api/namespaces/travel-agency/workloads/bookings-192.0.2.20").json()
    entry, = machine["workloadEntries"]
    assert (entry["name"], entry["labels"]) == ("bookings-192.0.2.20", {"app": "bookings", "version": "v1"})
    assert machine["pods"] == []


def test_applications(console):
    answer = console.get(LISTS["applications"])
    apps = answer.json()["applications"]
    whole(answer, len(apps))
    assert places(apps) == sorted(places(apps))
    reviews, = named(apps, "reviews")
    assert (reviews["namespace"], reviews["istioSidecar"], reviews["isGateway"]) == ("bookinfo", True, False)
    assert set(reviews["labels"]["version"].split(",")) == {"v1", "v2", "v3"}
    assert {one["name"] for one in reviews["istioReferences"]} >= {"reviews"}
    answer = console.get("/api/namespaces/bookinfo/apps/reviews")
    body = answer.json()
    whole(answer, 1)
    # A whole namespace, as clients of old read it.
    assert body["namespace"] == console.get("/api/namespaces/bookinfo/info").json()
    assert [one["workloadName"] for one in body["workloads"]] == ["reviews-v1", "reviews-v2", "reviews-v3"]
    assert (body["serviceNames"], body["runtimes"], body["isAmbient"]) == (["reviews"], [], False)
    assert [one["name"] for one in body["health"]["workloadStatuses"]] == ["reviews-v1", "reviews-v2", "reviews-v3"]


def test_services(console):
    answer = console.get(LISTS["services"], onlyDefinitions="false")
    services = answer.json()["services"]
    whole(answer, len(services))
    assert places(services) == sorted(places(services))
    reviews, = named(services, "reviews")
    assert reviews["health"] == NO_TRAFFIC
    assert (reviews["serviceRegistry"], reviews["istioSidecar"], reviews["kialiWizard"]) == ("Kubernetes", True, "")
    assert {(one["objectGVK"]["Kind"], one["name"]) for one in reviews["istioReferences"]} >= {
        ("DestinationRule", "reviews"), ("VirtualService", "reviews"),
    }
    database, = named(services, "ratings-db")
    assert database["istioSidecar"] is False
    outside, = named(services, "fares.example.com")
    assert (outside["serviceRegistry"], outside["selector"], outside["appLabel"]) == ("External", {}, False)
    # Without looking at pods all count as having a proxy.
    assert all(one["istioSidecar"] for one in console.get(LISTS["services"]).json()["services"])


def test_one_service(console):
    answer = console.get("/api/namespaces/bookinfo/services/reviews")
    body = answer.json()
    whole(answer, 1)
    service = body["service"]
    assert (service["type"], service["selectors"], service["externalName"]) == ("ClusterIP", {"app": "reviews"}, "")
    assert service["ports"] == [{"name": "http", "protocol": "TCP", "port": 9080}]
    assert [one["name"] for one in body["workloads"]] == ["reviews-v1", "reviews-v2", "reviews-v3"]
    addresses = [one for subset in body["endpoints"] for one in subset["addresses"]]
    assert len(addresses) == 3 and {one["kind"] for one in addresses} == {"Pod"}
    assert body["istioPermissions"] == {"create": False, "update": False, "delete": False}
    assert (body["validations"], body["subServices"], body["health"]) == ({}, [], NO_TRAFFIC)
    names = {kind: [one["metadata"]["name"] for one in body[kind]]
             for kind in ("virtualServices", "destinationRules", "k8sHTTPRoutes", "k8sGRPCRoutes")}
    assert "reviews" in names["virtualServices"] and names["destinationRules"] == ["reviews"]
    assert (names["k8sHTTPRoutes"], names["k8sGRPCRoutes"]) == ([], [])
    rule = body["destinationRules"][0]
    assert rule["kind"] == "DestinationRule" and rule["spec"]["host"] == "reviews"
    outside = console.get("/api/namespaces/travel-agency/services/fares.example.com").json()
    assert outside["service"]["type"] == "External"
    assert [one["metadata"]["name"] for one in outside["serviceEntries"]] == ["fares"]


def test_permissions(console):
    body = console.get("/api/istio/permissions", namespaces="bookinfo,nothing,travel-agency").json()
    assert sorted(body) == ["bookinfo", "travel-agency"]
    assert len(body["bookinfo"]) == 8
    nothing = {"create": False, "update": False, "delete": False}
    assert all(one == nothing for kinds in body.values() for one in kinds.values())
    assert console.get("/api/istio/permissions").json() == {}


def test_what_is_asked_about_the_cluster(console):
    body = console.get("/api/config").json()
    assert body["clusters"]["Kubernetes"]["accessible"] is True
    assert body["controlPlanes"] == {"Kubernetes": "istio-system"}
    assert (body["gatewayAPIEnabled"], body["istioAPIInstalled"], body["istioGatewayInstalled"]) == (True, True, True)
    assert body["ambientEnabled"] is True


@pytest.mark.parametrize("members", LISTS)
def test_lists_are_narrowed_to_namespaces(console, members):
    def spaces(**parameters):
        items = console.get(LISTS[members], **parameters).json()[members]
        return sorted({item["namespace"] for item in items})

    assert spaces(namespaces="bookinfo") == ["bookinfo"]
    assert spaces(namespaces="travel-agency,nothing,bookinfo") == ["bookinfo", "travel-agency"]
    assert spaces(namespaces=" bookinfo") == spaces(namespaces="nothing") == []
    # kube-system is there and is not shown.
    assert spaces(namespaces="kube-system") == []
    plain = console.get(LISTS[members], health="false", istioResources="false", queryTime=1, rateInterval="1h30m")
    for item in plain.json()[members]:
        assert item["istioReferences"] == []
        assert item["health"].get("workloadStatus") is None and not item["health"].get("workloadStatuses")


@pytest.mark.parametrize("members", LISTS)
@pytest.mark.parametrize("name, value", [
    ("queryTime", "now"), ("rateInterval", "5"), ("health", "yes"), ("istioResources", "maybe"),
    ("namespaces", ",".join(["a"] * 201)), ("something", "1"),
])
def test_a_wrong_parameter_of_a_list_is_named(console, members, name, value):
    answer = console.get(LISTS[members], 400, **{name: value})
    assert answer.json()["code"] == "invalid_parameter"
    assert f"'{name}'" in answer.json()["error"]


@pytest.mark.parametrize("what", DETAILS)
def test_what_is_not_there(console, what):
    for path in (DETAILS[what].format("bookinfo"), LISTS["workloads"]):
        assert "west" in console.get(path, 404, clusterName="west").json()["error"]
    assert console.get(DETAILS[what].format("nothing"), 404).json()["code"] == "not_found"
    assert "'something'" in console.get(DETAILS[what].format("bookinfo"), 400, something=1).json()["error"]
    console.get(DETAILS[what].format("Book_info"), 400)
    if what != "info":
        path = DETAILS[what].format("bookinfo").replace("reviews", "nothing")
        assert console.get(path, 404).json()["code"] == "not_found"
    # There, and not shown: as if the caller had no right to it.
    assert console.get(DETAILS[what].format("kube-system"), 403).json()["code"] == "forbidden"


@pytest.mark.parametrize("what", DETAILS)
def test_a_namespace_of_others_answers_alike_there_or_not(guarded, what):
    console = guarded[1]

    def refused(namespace):
        answer = console.get(DETAILS[what].format(namespace), 403, headers=token("demo-a"))
        body = answer.json()
        del body["requestId"]
        headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-Id", "Date", "Content-Length")}
        return str(body).replace(namespace, "NAMESPACE"), headers

    assert refused("travel-agency") == refused("nothing") == refused("kube-system")
    console.get(DETAILS[what].format("bookinfo"), 404 if what == "pod" else 200, headers=token("demo-a"))
    console.get(DETAILS[what].format("bookinfo"), 401)


def test_each_sees_what_is_theirs_and_what_refers_to_it(guarded):
    console = guarded[1]
    for user, spaces in {"demo-a": {"bookinfo"}, "demo-b": {"travel-agency"}, "demo-admin": set(ALL) - {"default"}}.items():
        for members, path in LISTS.items():
            answer = console.get(path, headers=token(user))
            items = answer.json()[members]
            assert {item["namespace"] for item in items} == spaces
            meta = answer.meta()
            assert meta["stoppedBy"] == ("complete" if user == "demo-admin" else "rights")
            assert (meta["scanned"], meta["upstream"]) == (len(items), [])
            if user != "demo-admin":
                assert {one["namespace"] for item in items for one in item["istioReferences"]} <= spaces
        asked = console.get("/api/istio/permissions", headers=token(user), namespaces=",".join(ALL)).json()
        assert set(asked) == spaces | ({"default"} if user == "demo-admin" else set())
    config = console.get("/api/config", headers=token("demo-a")).json()
    assert "controlPlanes" not in config


def test_kinds_that_are_absent_are_off_and_said(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    mesh.set_kubernetes(crds="off")
    console = launch.console_for(mesh, "grpc", wait="/readyz")
    console.console.wait(LISTS["services"], until=lambda answer: b'"syncing"' not in answer.body)
    answer = console.get(LISTS["services"])
    services = answer.json()["services"]
    assert not any(item["serviceRegistry"] == "External" or item["istioReferences"] for item in services)
    off = {one["resource"]: one for one in answer.meta()["cluster"]["off"]}
    assert {one["state"] for one in off.values()} == {"absent"}
    assert {"virtualservices.networking.istio.io", "gateways.gateway.networking.k8s.io"} <= set(off)
    assert all(one["reason"] for one in off.values())
    assert (answer.meta()["stoppedBy"], answer.meta()["cluster"]["stale"]) == ("complete", False)
    config = console.get("/api/config").json()
    assert not {"gatewayAPIEnabled", "istioAPIInstalled", "istioGatewayInstalled"} & set(config)


def test_kinds_that_the_server_may_not_read_are_off_and_said(launch):
    """The server's account sees one namespace: the rest is no error, and no reader takes it for all there is."""
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW), "--kubernetes-anonymous", "none"])
    selectors = {"default": [{"matchLabels": {"kubernetes.io/metadata.name": "bookinfo"}}]}
    more = {"deployment": {"cluster_wide_access": False, "discovery_selectors": selectors}}
    console = launch.console_for(mesh, "grpc", more, wait="/readyz", user="demo-a")
    answer = console.get(LISTS["workloads"])
    assert {item["namespace"] for item in answer.json()["workloads"]} == {"bookinfo"}
    assert [one["name"] for one in console.get("/api/namespaces").json()] == ["bookinfo"]


def test_a_thousand_workloads_in_one_list(launch):
    mesh = launch.mesh(mesh="many-workloads", flags=["--start-micros", str(NOW)])
    console = launch.console_for(mesh, "grpc", wait="/readyz")
    before = mesh.counts()["kubernetes"]
    answer = console.get(LISTS["workloads"])
    workloads = answer.json()["workloads"]
    crowd = [item for item in workloads if item["namespace"] == "crowd"]
    assert len(crowd) == 1000
    assert places(workloads) == sorted(places(workloads))
    assert answer.meta()["returned"] == len(workloads)
    assert len(console.get(LISTS["applications"], namespaces="crowd").json()["applications"]) > 0
    first = crowd[0]["name"]
    assert console.get(f"/api/namespaces/crowd/workloads/{first}").json()["podCount"] == 1
    # Out of memory, whatever is asked.
    after = mesh.counts()["kubernetes"]
    assert {key: count for key, count in after.items() if "list" in key} == \
           {key: count for key, count in before.items() if "list" in key}
