#include "tests/bench/api_objects.hpp"

#include "tests/bench/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace meshscope::bench {

namespace {

// Names and numbers of one workload and its pods.
struct Place {
    std::size_t workload = 0;
    std::size_t pod = 0;  // of the workload

    [[nodiscard]] std::string ns() const {
        return fmt::format("team-{:03}", workload % kClusterSpaces);
    }
    [[nodiscard]] std::string app() const { return fmt::format("service-{:04}", workload); }
    [[nodiscard]] std::string image() const {
        return fmt::format("registry.example.com/shop/{}:1.20.1", app());
    }
    [[nodiscard]] std::string deployment() const { return app() + "-v1"; }
    [[nodiscard]] std::string replica_set(bool current) const {
        return fmt::format("{}-{}", deployment(), current ? "6d8996bff" : "5c4b7d9f8");
    }
    [[nodiscard]] std::string pod_name() const {
        constexpr std::string_view kSuffix = "bcdfghjklmnpqrstvwxz";
        return fmt::format(
            "{}-x{}k{}z", replica_set(true), kSuffix[pod % kSuffix.size()], workload % 7 + 2
        );
    }
    [[nodiscard]] std::size_t number() const {
        return workload * (kClusterPods / kClusterWorkloads) + pod;
    }
    [[nodiscard]] std::string ip() const {
        return fmt::format(
            "10.{}.{}.{}", 8 + number() / 62'500, number() / 250 % 250, number() % 250 + 2
        );
    }
    [[nodiscard]] std::string uid(unsigned kind) const {
        return fmt::format("{:08x}-4f1a-4c0e-9d3b-{:012x}", kind, number() + 1);
    }
};

constexpr std::string_view kPodFields =
    R"("f:metadata":{"f:annotations":{".":{},"f:istio.io/rev":{},"f:kubectl.kubernetes.io/default-container":{},"f:prometheus.io/path":{},"f:prometheus.io/port":{},"f:prometheus.io/scrape":{},"f:sidecar.istio.io/status":{}},"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{},"f:service.istio.io/canonical-name":{},"f:version":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"0\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"LOG_DIR\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":9080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{".":{},"f:limits":{".":{},"f:cpu":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{},"f:volumeMounts":{".":{},"k:{\"mountPath\":\"/tmp\"}":{".":{},"f:mountPath":{},"f:name":{}}}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:serviceAccount":{},"f:serviceAccountName":{},"f:terminationGracePeriodSeconds":{}})";

std::string managed_fields(std::string_view fields) {
    return fmt::format(
        R"("managedFields":[{{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-03-01T08:00:00Z","fieldsType":"FieldsV1","fieldsV1":{{{}}}}}])",
        fields
    );
}

std::string owner(std::string_view kind, std::string_view name, std::string_view uid) {
    return fmt::format(
        R"("ownerReferences":[{{"apiVersion":"apps/v1","kind":"{}","name":"{}","uid":"{}","controller":true,"blockOwnerDeletion":true}}])",
        kind,
        name,
        uid
    );
}

std::string labels_of(const Place& place) {
    return fmt::format(
        R"("labels":{{"app":"{0}","pod-template-hash":"6d8996bff","security.istio.io/tlsMode":"istio","service.istio.io/canonical-name":"{0}","service.istio.io/canonical-revision":"v1","version":"v1"}})",
        place.app()
    );
}

std::string container(std::string_view name, std::string_view image) {
    return fmt::format(
        R"({{"name":"{0}","image":"{1}","ports":[{{"containerPort":9080,"protocol":"TCP"}}],"env":[{{"name":"LOG_DIR","value":"/tmp/logs"}},{{"name":"POD_NAME","valueFrom":{{"fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.name"}}}}}},{{"name":"POD_NAMESPACE","valueFrom":{{"fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.namespace"}}}}}}],"resources":{{"limits":{{"cpu":"2","memory":"1Gi"}},"requests":{{"cpu":"10m","memory":"40Mi"}}}},"volumeMounts":[{{"name":"tmp","mountPath":"/tmp"}},{{"name":"kube-api-access-4x7zq","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}],"readinessProbe":{{"httpGet":{{"path":"/healthz/ready","port":15021,"scheme":"HTTP"}},"timeoutSeconds":3,"periodSeconds":15,"successThreshold":1,"failureThreshold":4}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","securityContext":{{"allowPrivilegeEscalation":false,"capabilities":{{"drop":["ALL"]}},"privileged":false,"runAsNonRoot":true}}}})",
        name,
        image
    );
}

std::string container_status(std::string_view name, std::string_view image) {
    return fmt::format(
        R"({{"name":"{0}","state":{{"running":{{"startedAt":"2026-03-01T08:00:05Z"}}}},"lastState":{{}},"ready":true,"restartCount":0,"image":"{1}","imageID":"{1}@sha256:0f4c1f1a4a3d9d4f3a9a0f2d8f4be6a2ab0f7c3c0b2f3e4d5c6b7a8990a1b2c3","containerID":"containerd://7a9c0f2d8f4be6a2ab0f7c3c0b2f3e4d5c6b7a8990a1b2c30f4c1f1a4a3d9d4f","started":true}})",
        name,
        image
    );
}

constexpr std::string_view kProxyImage = "registry.example.com/istio/proxyv2:1.24.2";

std::string condition(std::string_view type) {
    return fmt::format(
        R"({{"type":"{}","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-03-01T08:00:06Z"}})",
        type
    );
}

std::string pod(const Place& place) {
    std::string out = fmt::format(
        R"({{"metadata":{{"name":"{}","generateName":"{}-","namespace":"{}","uid":"{}","resourceVersion":"{}","creationTimestamp":"2026-03-01T08:00:00Z",{},"annotations":{{"istio.io/rev":"default","kubectl.kubernetes.io/default-container":"app","prometheus.io/path":"/stats/prometheus","prometheus.io/port":"15020","prometheus.io/scrape":"true","sidecar.istio.io/status":"{{\"initContainers\":[\"istio-init\"],\"containers\":[\"istio-proxy\"],\"volumes\":[\"workload-socket\"],\"revision\":\"default\"}}"}},{},{}}},)",
        place.pod_name(),
        place.replica_set(true),
        place.ns(),
        place.uid(1),
        100'000 + place.number(),
        labels_of(place),
        owner("ReplicaSet", place.replica_set(true), place.uid(2)),
        managed_fields(kPodFields)
    );
    out += fmt::format(
        R"("spec":{{"volumes":[{{"name":"tmp","emptyDir":{{}}}},{{"name":"kube-api-access-4x7zq","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}},{{"configMap":{{"name":"kube-root-ca.crt","items":[{{"key":"ca.crt","path":"ca.crt"}}]}}}}],"defaultMode":420}}}}],"initContainers":[{}],"containers":[{},{}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"{}","serviceAccount":"{}","nodeName":"node-{:03}","securityContext":{{}},"schedulerName":"default-scheduler","tolerations":[{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"}},)",
        container("istio-init", kProxyImage),
        container("app", place.image()),
        container("istio-proxy", kProxyImage),
        place.app(),
        place.app(),
        place.number() % 200
    );
    out += fmt::format(
        R"("status":{{"phase":"Running","conditions":[{},{},{},{}],"hostIP":"192.168.1.{}","podIP":"{}","podIPs":[{{"ip":"{}"}}],"startTime":"2026-03-01T08:00:00Z","containerStatuses":[{},{}],"qosClass":"Burstable"}}}})",
        condition("Initialized"),
        condition("Ready"),
        condition("ContainersReady"),
        condition("PodScheduled"),
        place.number() % 200 + 2,
        place.ip(),
        place.ip(),
        container_status("app", place.image()),
        container_status("istio-proxy", kProxyImage)
    );
    return out;
}

std::string replica_set(const Place& place, bool current) {
    return fmt::format(
        R"({{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{{"name":"{}","namespace":"{}","uid":"{}","resourceVersion":"{}","generation":1,"creationTimestamp":"2026-03-01T08:00:00Z",{},"annotations":{{"deployment.kubernetes.io/desired-replicas":"5","deployment.kubernetes.io/max-replicas":"7","deployment.kubernetes.io/revision":"{}"}},{},{}}}}})",
        place.replica_set(current),
        place.ns(),
        place.uid(current ? 2 : 3),
        200'000 + place.number(),
        labels_of(place),
        current ? 2 : 1,
        owner("Deployment", place.deployment(), place.uid(4)),
        managed_fields(kPodFields)
    );
}

std::string deployment(const Place& place) {
    return fmt::format(
        R"({{"metadata":{{"name":"{0}","namespace":"{1}","uid":"{2}","resourceVersion":"{3}","generation":2,"creationTimestamp":"2026-02-01T08:00:00Z","labels":{{"app":"{4}","version":"v1"}},"annotations":{{"deployment.kubernetes.io/revision":"2"}},{5}}},"spec":{{"replicas":5,"selector":{{"matchLabels":{{"app":"{4}","version":"v1"}}}},"template":{{"metadata":{{"creationTimestamp":null,{6}}},"spec":{{"containers":[{7}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"{4}","securityContext":{{}},"schedulerName":"default-scheduler"}}}},"strategy":{{"type":"RollingUpdate","rollingUpdate":{{"maxUnavailable":"25%","maxSurge":"25%"}}}},"revisionHistoryLimit":10,"progressDeadlineSeconds":600}},"status":{{"observedGeneration":2,"replicas":5,"updatedReplicas":5,"readyReplicas":5,"availableReplicas":5,"conditions":[{{"type":"Available","status":"True","lastUpdateTime":"2026-03-01T08:00:06Z","lastTransitionTime":"2026-03-01T08:00:06Z","reason":"MinimumReplicasAvailable","message":"Deployment has minimum availability."}}]}}}})",
        place.deployment(),
        place.ns(),
        place.uid(4),
        300'000 + place.number(),
        place.app(),
        managed_fields(kPodFields),
        labels_of(place),
        container("app", place.image())
    );
}

std::string service(const Place& place) {
    return fmt::format(
        R"({{"metadata":{{"name":"{0}","namespace":"{1}","uid":"{2}","resourceVersion":"{3}","creationTimestamp":"2026-02-01T08:00:00Z","labels":{{"app":"{0}"}},{4}}},"spec":{{"ports":[{{"name":"http","protocol":"TCP","port":9080,"targetPort":9080}}],"selector":{{"app":"{0}"}},"clusterIP":"10.96.{5}.{6}","clusterIPs":["10.96.{5}.{6}"],"type":"ClusterIP","sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster"}},"status":{{"loadBalancer":{{}}}}}})",
        place.app(),
        place.ns(),
        place.uid(5),
        400'000 + place.number(),
        managed_fields(R"("f:spec":{"f:ports":{},"f:selector":{},"f:type":{}})"),
        place.workload / 250,
        place.workload % 250 + 2
    );
}

std::string endpoints(Place place, std::size_t pods) {
    std::string addresses;
    const std::string head = fmt::format(
        R"({{"metadata":{{"name":"{}","namespace":"{}","uid":"{}","resourceVersion":"{}","creationTimestamp":"2026-02-01T08:00:00Z"}},"subsets":[{{"addresses":[)",
        place.app(),
        place.ns(),
        place.uid(6),
        500'000 + place.number()
    );
    for (place.pod = 0; place.pod < pods; ++place.pod) {
        addresses += fmt::format(
            R"({}{{"ip":"{}","nodeName":"node-{:03}","targetRef":{{"kind":"Pod","namespace":"{}","name":"{}","uid":"{}"}}}})",
            place.pod == 0 ? "" : ",",
            place.ip(),
            place.number() % 200,
            place.ns(),
            place.pod_name(),
            place.uid(1)
        );
    }
    return head + addresses + R"(],"ports":[{"name":"http","port":9080,"protocol":"TCP"}]}]})";
}

std::string name_space(std::size_t number) {
    return fmt::format(
        R"({{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{{"name":"team-{:03}","uid":"ns-{}","resourceVersion":"{}","creationTimestamp":"2026-01-01T08:00:00Z","labels":{{"istio-injection":"enabled","kubernetes.io/metadata.name":"team-{:03}"}}}}}})",
        number,
        number,
        1'000 + number,
        number
    );
}

std::vector<ApiList> empty_lists() {
    return {
        {"/api/v1/namespaces", "Namespace", true, {}},
        {"/api/v1/pods", "Pod", false, {}},
        {"/api/v1/services", "Service", false, {}},
        {"/api/v1/endpoints", "Endpoints", false, {}},
        {"/apis/apps/v1/replicasets", "ReplicaSet", true, {}},
        {"/apis/apps/v1/deployments", "Deployment", false, {}},
        {"/apis/apps/v1/statefulsets", "StatefulSet", false, {}},
        {"/apis/apps/v1/daemonsets", "DaemonSet", false, {}},
        {"/api/v1/replicationcontrollers", "ReplicationController", true, {}},
        {"/apis/batch/v1/jobs", "Job", true, {}},
        {"/apis/batch/v1/cronjobs", "CronJob", true, {}},
    };
}

}  // namespace

std::vector<std::string> list_paths() {
    std::vector<std::string> paths;
    for (ApiList& list : empty_lists()) {
        paths.push_back(std::move(list.path));
    }
    return paths;
}

std::vector<ApiList> make_cluster() {
    std::vector<ApiList> lists = empty_lists();
    constexpr std::size_t kPodsEach = kClusterPods / kClusterWorkloads;
    for (std::size_t i = 0; i < kClusterSpaces; ++i) {
        lists[0].items.push_back(name_space(i));
    }
    for (std::size_t workload = 0; workload < kClusterWorkloads; ++workload) {
        Place place{workload, 0};
        lists[2].items.push_back(service(place));
        lists[3].items.push_back(endpoints(place, kPodsEach));
        lists[4].items.push_back(replica_set(place, false));
        lists[4].items.push_back(replica_set(place, true));
        lists[5].items.push_back(deployment(place));
        for (; place.pod < kPodsEach; ++place.pod) {
            lists[1].items.push_back(pod(place));
        }
    }
    return lists;
}

std::string page_of(const ApiList& list, std::size_t first) {
    const std::size_t end = std::min(first + kPageItems, list.items.size());
    std::string body = fmt::format(
        R"({{"kind":"{}List","apiVersion":"{}","metadata":{{"resourceVersion":"900000")",
        list.metadata ? std::string("PartialObjectMetadata") : list.kind,
        list.metadata ? "meta.k8s.io/v1" : "v1"
    );
    if (end < list.items.size()) {
        body += fmt::format(
            R"(,"continue":"{}","remainingItemCount":{})", end, list.items.size() - end
        );
    }
    body += R"(},"items":[)";
    for (std::size_t i = first; i < end; ++i) {
        body.append(i == first ? "" : ",").append(list.items[i]);
    }
    body += "]}";
    return response_head(body.size()) + body;
}

}  // namespace meshscope::bench
