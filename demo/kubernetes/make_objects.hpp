#pragma once

#include "demo/kubernetes/object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Single objects as Kubernetes' own controllers would write them.
namespace meshscope::demo {

// What a pod runs; also the template of its controller.
struct PodTemplate {
    std::string container;  // the application's; a router's only one is its proxy
    std::string image;
    std::uint16_t port = 0;  // 0: listens nowhere
    Proxy proxy = Proxy::kNone;
    std::string service_account = "default";
    bool host_network = false;
    bool once = false;  // ends by itself
    Labels labels = {};
    Labels annotations = {};
};

enum class PodStage : std::uint8_t { kCreating, kRunning, kDone };

struct PodPlan {
    std::string ns;
    std::string name;
    std::string generate_name;
    std::optional<Owner> owner;
    PodTemplate what;
    PodStage stage = PodStage::kRunning;
    SystemTime created;
    std::optional<SystemTime> ended;
    std::optional<SystemTime> deleting;
    std::string ip;  // "" while it is created
    std::string node;
    bool restarted = false;
    std::optional<WorkloadIndex> workload;
    bool ztunnel = false;  // carries the calls of the node's pods
};
Object make_pod(const PodPlan& plan);

// Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers.
struct ControllerPlan {
    const Resource* resource = nullptr;
    std::string ns;
    std::string name;
    std::optional<Owner> owner;
    Labels labels;
    Labels annotations;
    Labels selector;
    PodTemplate what;
    SystemTime created;
    std::int64_t generation = 1;
    int wanted = 1;
    int current = 1;
    int ready = 1;
};
Object make_controller(const ControllerPlan& plan);

struct JobPlan {
    std::string ns;
    std::string name;
    std::optional<Owner> owner;
    PodTemplate what;
    SystemTime created;
    std::optional<SystemTime> done;
};
Object make_job(const JobPlan& plan);

struct CronJobPlan {
    std::string ns;
    std::string name;
    PodTemplate what;
    SystemTime created;
    SystemTime last;
    std::optional<Owner> active;  // the job that runs
};
Object make_cron_job(const CronJobPlan& plan);

struct ServicePort {
    std::string name;
    std::uint16_t port = 0;
    std::uint16_t target = 0;
};

struct ServicePlan {
    std::string ns;
    std::string name;
    std::string type = "ClusterIP";
    std::string ip;  // "None": headless
    Labels labels;
    Labels selector;
    std::vector<ServicePort> ports;
    SystemTime created;
};
Object make_service(const ServicePlan& plan);
// `pods`: those that the service selects; only those that have an address and run are taken.
Object make_endpoints(const ServicePlan& plan, const std::vector<const PodPlan*>& pods);

Object make_namespace(std::string_view name, Labels labels, SystemTime created);

void write_pod_spec(JsonWriter& json, const PodTemplate& what, std::string_view node);

}  // namespace meshscope::demo
