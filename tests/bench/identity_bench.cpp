#include "business/identity.hpp"
#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "models/cluster_builder.hpp"
#include "tests/bench/cpu_time.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/traces.hpp"
#include "tests/bench/traces_proto.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace meshscope::bench {

namespace {

using models::TracePtr;

constexpr int kRepeat = 20;  // resolving once is too short to be measured
constexpr std::size_t kSpaces = 100;
constexpr std::size_t kWorkloadsOfSpace = 20;
constexpr std::size_t kPodsOfWorkload = 5;

models::Labels labels_of(models::LabelSet labels) {
    return std::make_shared<const models::LabelSet>(std::move(labels));
}

models::OwnerPtr owner(const std::string& kind, const std::string& name) {
    return std::make_shared<const models::OwnerRef>(
        models::OwnerRef{{"apps", "v1", kind}, name, name}
    );
}

// Adds a Deployment, its ReplicaSet and pods; `pods` are named "<name>-<hash>-<suffix>".
void add_workload(
    models::NamespaceObjects& out, const std::string& name, const std::vector<std::string>& pods
) {
    const models::Labels labels = labels_of({{"app", name.substr(0, name.rfind("-v"))}});
    auto deployment = std::make_shared<models::Controller>();
    deployment->kind = {"apps", "v1", "Deployment"};
    deployment->meta.name = name;
    deployment->has_template = true;
    deployment->template_labels = labels;
    out.controllers.push_back(std::move(deployment));
    const std::string replica_set = pods.front().substr(0, pods.front().rfind('-'));
    auto step = std::make_shared<models::Controller>();
    step->kind = {"apps", "v1", "ReplicaSet"};
    step->meta.name = replica_set;
    step->meta.controller = owner("Deployment", name);
    out.controllers.push_back(std::move(step));
    for (const std::string& name_of_pod : pods) {
        auto pod = std::make_shared<models::Pod>();
        pod->meta.name = name_of_pod;
        pod->meta.ns = out.object.meta.name;
        pod->meta.uid = pod->meta.ns + "/" + name_of_pod;
        pod->meta.labels = labels;
        pod->meta.controller = owner("ReplicaSet", replica_set);
        pod->phase = models::PodPhase::kRunning;
        out.pods.push_back(std::move(pod));
    }
}

models::NamespaceViewPtr view_of(models::NamespaceObjects objects) {
    const auto by_name = [](const auto& a, const auto& b) { return a->meta.name < b->meta.name; };
    std::sort(objects.pods.begin(), objects.pods.end(), by_name);
    std::sort(objects.controllers.begin(), objects.controllers.end(), by_name);
    return models::build_namespace(std::move(objects), {});
}

// Whom the traces name, among 2 000 other workloads of 10 000 pods.
models::ClusterSnapshotPtr cluster_of(const std::vector<BenchTrace>& traces) {
    std::map<std::string, std::vector<std::string>> pods;  // by workload
    for (const BenchTrace& trace : traces) {
        for (const BenchProcess& process : trace.processes) {
            for (const BenchTag& tag : process.tags) {
                if (tag.key == "hostname") {
                    const std::size_t last = tag.value.rfind('-');
                    pods[tag.value.substr(0, tag.value.rfind('-', last - 1))].push_back(tag.value);
                }
            }
        }
    }
    models::ClusterBuilder builder("Kubernetes");
    models::NamespaceObjects bookinfo;
    bookinfo.object.meta.name = "bookinfo";
    for (const auto& [workload, names] : pods) {
        add_workload(bookinfo, workload, names);
    }
    builder.put(view_of(std::move(bookinfo)));
    for (std::size_t space = 0; space < kSpaces; ++space) {
        models::NamespaceObjects objects;
        objects.object.meta.name = "space-" + std::to_string(space);
        for (std::size_t i = 0; i < kWorkloadsOfSpace; ++i) {
            const std::string name = "service-" + std::to_string(i) + "-v1";
            std::vector<std::string> names;
            for (std::size_t pod = 0; pod < kPodsOfWorkload; ++pod) {
                names.push_back(name + "-6d8996bff-bcd" + std::to_string(10 + pod));
            }
            add_workload(objects, name, names);
        }
        builder.put(view_of(std::move(objects)));
    }
    return builder.build();
}

std::vector<TracePtr> decode_wire(const std::vector<std::string>& messages) {
    clients::jaeger::V2SpanDecoder decoder;
    for (const std::string& message : messages) {
        decoder.add(message);
    }
    return decoder.finish(false);
}

void demand_all_found(
    const std::vector<TracePtr>& traces, const models::ClusterSnapshotPtr& cluster
) {
    std::size_t spans = 0;
    for (const TracePtr& trace : traces) {
        const business::TraceIdentities identities = business::resolve(*trace, cluster);
        for (std::size_t i = 0; i < trace->spans.size(); ++i) {
            spans += identities.of(i).object != nullptr ? 1 : 0;
        }
    }
    if (spans != kTraces * kSpans) {
        throw std::runtime_error(
            "identities: only " + std::to_string(spans) + " spans were led to a workload"
        );
    }
}

Line line_of(std::string name, double ours, double decode) {
    Line line;
    line.name = std::move(name);
    line.unit = "ms CPU";
    line.ours = ours;
    line.baseline = decode;
    line.ratio = ours / decode;
    line.goal = Line::Goal::kAtMost;
    line.target = 0.1;
    return line;
}

}  // namespace

void bench_identity(const Options& options, Report& report) {
    const std::vector<BenchTrace> traces = make_traces(kTraces, kSpans);
    const models::ClusterSnapshotPtr cluster = cluster_of(traces);
    const std::string json = to_jaeger_json(traces);
    std::vector<std::string> messages;
    for (const auto& chunk : to_chunks(traces)) {
        messages.push_back(chunk.SerializeAsString());
    }
    struct Way {
        std::string name;
        std::function<std::vector<TracePtr>()> decode;
    };
    const std::vector<Way> ways{
        {"v1 JSON",
         [&] { return clients::jaeger::decode_traces(json, std::nullopt).value().traces; }},
        {"gRPC", [&] { return decode_wire(messages); }},
    };
    for (const Way& way : ways) {
        const std::vector<TracePtr> decoded = way.decode();
        demand_all_found(decoded, cluster);
        const double decode = median_cpu(options.runs, [&] { static_cast<void>(way.decode()); });
        const double resolve = median_cpu(options.runs, [&] {
            for (int i = 0; i < kRepeat; ++i) {
                for (const TracePtr& trace : decoded) {
                    static_cast<void>(business::resolve(*trace, cluster));
                }
            }
        });
        report.lines.push_back(line_of(
            "identities of 10 000 spans, against decoding them from " + way.name,
            resolve / kRepeat,
            decode
        ));
    }
}

}  // namespace meshscope::bench
