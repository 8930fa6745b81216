#include "tests/unit/business/identity_corpus.hpp"

#include "models/cluster_builder.hpp"
#include "tests/support/make_trace.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

namespace meshscope::tests {

namespace {

using Json = nlohmann::json;
using models::Controller;
using models::Labels;
using models::ObjectMeta;
using models::OwnerPtr;
using models::OwnerRef;

constexpr std::int64_t kStart = 1'763'683'200;  // seconds; `at` and the like count from here
constexpr std::int64_t kCreated = -3600;

SystemTime time_at(std::int64_t seconds) { return from_micros((kStart + seconds) * 1'000'000); }

Labels labels_of(const Json& json) {
    models::LabelSet out;
    for (const auto& [key, value] : json.items()) {  // ascending
        out.emplace_back(key, value.get<std::string>());
    }
    return std::make_shared<const models::LabelSet>(std::move(out));
}

std::string group_of(const std::string& kind) {
    return kind == "Rollout"                    ? "argoproj.io"
           : kind == "Job" || kind == "CronJob" ? "batch"
                                                : "apps";
}

ObjectMeta meta_of(const std::string& ns, const std::string& name, std::int64_t created) {
    ObjectMeta meta;
    meta.ns = ns;
    meta.name = name;
    meta.uid = ns + "/" + name;
    meta.created = time_at(created);
    meta.labels = labels_of(Json::object());
    meta.annotations = meta.labels;
    return meta;
}

OwnerPtr owner(const std::string& kind, const std::string& name) {
    return std::make_shared<const OwnerRef>(OwnerRef{{group_of(kind), "v1", kind}, name, name});
}

// The objects of one namespace out of its rows.
class NamespaceMaker {
 public:
    NamespaceMaker(const std::string& name, const Json& rows) : name_(name), rows_(rows) {
        objects_.object.meta = meta_of("", name, kCreated);
    }

    models::NamespaceViewPtr make(models::ClusterBuilder& builder) {
        for (const Json& row : rows_.value("workloads", Json::array())) {
            add_workload(row, builder);
        }
        const Json services = rows_.value("services", Json::object());
        for (const auto& [name, selector] : services.items()) {
            auto service = std::make_shared<models::Service>();
            service->meta = meta_of(name_, name, kCreated);
            service->selector = labels_of(selector);
            objects_.services.push_back(std::move(service));
        }
        for (const Json& row : rows_.value("machines", Json::array())) {
            add_machine(row);
        }
        sort_all();
        return models::build_namespace(std::move(objects_), {});
    }

 private:
    void add_controller(
        const std::string& kind,
        const std::string& name,
        const Json& labels,
        OwnerPtr above = nullptr
    ) {
        auto controller = std::make_shared<Controller>();
        controller->kind = {group_of(kind), "v1", kind};
        controller->meta = meta_of(name_, name, kCreated);
        controller->meta.controller = std::move(above);
        controller->has_template = kind != "ReplicaSet";
        controller->template_labels = labels_of(labels);
        controller->template_annotations = labels_of(Json::object());
        controller->desired = 1;
        objects_.controllers.push_back(std::move(controller));
    }

    // The controller that has made a pod of that name.
    OwnerPtr maker_of(const Json& row, const std::string& pod) {
        const std::string kind = row.value("kind", "Deployment");
        const std::string name = row.at("name");
        if (kind == "StatefulSet" || kind == "DaemonSet" || kind == "Job") {
            return owner(kind, name);
        }
        const std::string step = kind == "CronJob" ? "Job" : "ReplicaSet";
        const std::string middle = row.value("through", pod.substr(0, pod.rfind('-')));
        if (made_.emplace(middle, kind).second) {
            add_controller(step, middle, row.at("labels"), owner(kind, name));
        }
        return owner(step, middle);
    }

    void add_workload(const Json& row, models::ClusterBuilder& builder) {
        const std::string kind = row.value("kind", "Deployment");
        if (kind != "Pod") {
            add_controller(kind, row.at("name"), row.at("labels"));
        }
        for (const std::string replica_set : row.value("replicasets", Json::array())) {
            made_.emplace(replica_set, kind);
            add_controller(
                "ReplicaSet", replica_set, row.at("labels"), owner(kind, row.at("name"))
            );
        }
        const Json pods = row.value("pods", Json::object());
        for (const auto& [name, ips] : pods.items()) {
            objects_.pods.push_back(make_pod(row, name, ips));
        }
        for (const Json& gone : row.value("gone", Json::array())) {
            builder.remember(
                make_pod(row, gone.at("pod"), gone.at("ip"), gone.value("from", kCreated)),
                time_at(gone.at("until"))
            );
        }
    }

    models::PodPtr make_pod(
        const Json& row, const std::string& name, const Json& ips, std::int64_t from = kCreated
    ) {
        auto pod = std::make_shared<models::Pod>();
        pod->meta = meta_of(name_, name, row.value("created", from));
        pod->meta.labels = labels_of(row.at("labels"));
        pod->phase = models::PodPhase::kRunning;
        pod->host_network = row.value("host_network", false);
        pod->ips = ips.is_array() ? ips.get<std::vector<std::string>>()
                                  : std::vector<std::string>{ips.get<std::string>()};
        if (row.value("kind", "Deployment") != "Pod") {
            pod->meta.controller = maker_of(row, name);
        }
        return pod;
    }

    void add_machine(const Json& row) {
        auto object = std::make_shared<models::MeshObject>();
        object->kind = {"networking.istio.io", "v1", row.value("kind", "WorkloadEntry")};
        object->meta = meta_of(name_, row.at("name"), kCreated);
        object->selector = labels_of(row.at("labels"));
        if (row.contains("address")) {
            object->addresses = {row.at("address")};
        }
        if (row.contains("group")) {
            object->meta.controller = std::make_shared<const OwnerRef>(
                OwnerRef{{"networking.istio.io", "v1", "WorkloadGroup"}, row.at("group"), "g"}
            );
        }
        objects_.mesh_objects.push_back(std::move(object));
    }

    void sort_all() {
        const auto by_name = [](const auto& a, const auto& b) {
            return std::tie(a->meta.name) < std::tie(b->meta.name);
        };
        std::sort(objects_.pods.begin(), objects_.pods.end(), by_name);
        std::sort(objects_.controllers.begin(), objects_.controllers.end(), by_name);
    }

    std::string name_;
    const Json& rows_;
    models::NamespaceObjects objects_;
    std::map<std::string, std::string> made_;  // ReplicaSets and Jobs
};

models::ClusterSnapshotPtr cluster_of(const Json& rows) {
    models::ClusterBuilder builder("Kubernetes");
    for (const auto& [name, row] : rows.items()) {
        builder.put(NamespaceMaker(name, row).make(builder));
    }
    return builder.build();
}

test::Tags tags_of(const Json& json) {
    test::Tags out;
    for (const auto& [key, value] : json.items()) {
        out.emplace_back(key, value.get<std::string>());
    }
    return out;
}

IdentityCase case_of(const Json& json) {
    test::SpanRow row;
    row.service = json.value("service", "");
    row.operation = json.value("operation", "op");
    row.start_us = (kStart + json.value("at", std::int64_t{0})) * 1'000'000;
    row.tags = tags_of(json.value("tags", Json::object()));
    row.process_tags = tags_of(json.value("process", Json::object()));
    row.native.kind = json.value("kind", "");
    IdentityCase out;
    out.name = json.at("name");
    out.trace = test::make_trace({0, 1}, {row});
    out.is = json.at("is").get<std::map<std::string, std::string>>();
    out.evidence = json.value("evidence", "");
    out.is_unknown = out.is.count("workload") == 0;
    out.conflicts = json.value("conflicts", std::vector<std::string>());
    return out;
}

}  // namespace

std::vector<IdentityCase> identity_corpus() {
    std::vector<IdentityCase> out;
    for (const auto& file :
         std::filesystem::directory_iterator(MESHSCOPE_SOURCE_DIR "/tests/data/identity")) {
        if (file.path().extension() != ".json") {
            continue;
        }
        std::ifstream text(file.path());
        const Json json = Json::parse(text);
        const models::ClusterSnapshotPtr cluster = cluster_of(json.at("cluster"));
        for (const Json& row : json.at("cases")) {
            out.push_back(case_of(row));
            out.back().scheme = json.at("scheme");
            out.back().cluster = cluster;
        }
    }
    return out;
}

}  // namespace meshscope::tests
