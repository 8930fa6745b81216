#pragma once

#include "clients/cluster.hpp"
#include "models/cluster_builder.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace meshscope::test {

// What a test says of a workload; the rest follows from its name.
struct WorkloadRow {
    std::string kind =
        "Deployment";              // also StatefulSet, DaemonSet, Job, Pod (one pod of that name)
    std::string app = {};          // label app; "" the workload's name
    std::string version = {};      // label version; "" none
    models::LabelSet labels = {};  // more of the pod template, ascending
    models::LabelSet annotations = {};
    std::size_t pods = 1;
    bool sidecar = true;  // a second container, istio-proxy
    bool ambient = false;
    bool gateway = false;
    bool waypoint = false;
    std::string node = "node-1";
};

// A cluster in memory. Objects are put in by name and are in the next snapshot at once; callers are
// known by token. Pods are created a day before ManualClock begins and have addresses 10.0.0.1, ...
// in the order they are added. Thread-safe. Billed as "kubernetes", one call each.
class FakeCluster final : public clients::Cluster {
 public:
    struct User {
        std::string name;
        std::set<std::string, std::less<>> namespaces;  // get namespaces, pods and logs there
        bool lists_namespaces = false;
        bool gets_any_namespace = false;
        bool gets_pods_everywhere = false;
        bool reads_logs = true;  // where pods are visible
    };

    // `clock`: of the deadlines that callers give; SystemClock when there is none.
    explicit FakeCluster(const Clock* clock = nullptr);

    void add_namespace(const std::string& name, models::LabelSet labels = {});
    void remove_namespace(const std::string& name);
    // With pods "<name>-<hash>-<5>" of a ReplicaSet, or named as the other kinds do. The namespace
    // is added when it is missing. Returns the names of the pods.
    std::vector<std::string> add_workload(
        const std::string& ns, const std::string& name, WorkloadRow row = {}
    );
    void add_service(
        const std::string& ns, const std::string& name, models::LabelSet selector, int port = 9080
    );
    void add_mesh_object(models::MeshObject object);
    void add_pod(models::Pod pod);  // as it is; belongs to no workload
    // Gone from the namespace, remembered with its addresses.
    void end_pod(const std::string& ns, const std::string& pod, SystemTime when);

    void add_user(const std::string& token, User user);  // tokens of nobody: kUnauthenticated
    void remove_user(const std::string& token);

    // Lines that begin with a stamp of RFC 3339 and a blank. Followers get what is appended until
    // the log is ended. A failed log is refused, a stalled one sends nothing until the caller
    // leaves.
    void set_log(
        const std::string& ns,
        const std::string& pod,
        const std::string& container,
        std::string text
    );
    // That of the container before its last restart; without one kConflict "no_previous".
    void set_previous_log(
        const std::string& ns,
        const std::string& pod,
        const std::string& container,
        std::string text
    );
    void append_log(
        const std::string& ns,
        const std::string& pod,
        const std::string& container,
        const std::string& text
    );
    void end_log(const std::string& ns, const std::string& pod, const std::string& container);
    void fail_log(
        const std::string& ns, const std::string& pod, const std::string& container, Error error
    );
    void stall_log(const std::string& ns, const std::string& pod, const std::string& container);
    void set_log_piece(std::size_t bytes);  // handed to a sink at once

    void fail_with(std::optional<Error> error);              // every live call; nullopt ends it
    void set_state(clients::ClusterState state);             // at first: synced, current
    void set_snapshot(models::ClusterSnapshotPtr snapshot);  // until the next object is added

    [[nodiscard]] std::map<std::string, int> calls() const;  // "may_i", "pod", "read_log", ...
    [[nodiscard]] std::vector<clients::AccessQuestion> questions() const;  // of may_i, in order
    [[nodiscard]] std::vector<clients::LogQuery> log_queries() const;

    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const override;
    [[nodiscard]] clients::ClusterState state() const override;
    Awaitable<Result<models::Pod>> pod(RequestContext context, std::string ns, std::string name)
        override;
    Awaitable<Result<clients::LogEnd>> read_log(
        RequestContext context, clients::LogQuery query, std::shared_ptr<clients::LogSink> sink
    ) override;
    Awaitable<Result<clients::TokenOwner>> review_token(RequestContext context, std::string token)
        override;
    Awaitable<Result<clients::AccessAnswer>> may_i(
        RequestContext context, clients::AccessQuestion question
    ) override;
    Awaitable<Result<clients::AccessRules>> my_rules(RequestContext context, std::string ns)
        override;

 private:
    struct Log {
        std::string text;
        std::optional<Error> error;
        bool stalled = false;
        bool ended = false;
    };
    using LogKey = std::tuple<std::string, std::string, std::string>;

    // All with the lock held.
    models::NamespaceView& view(const std::string& name);
    void publish(const std::string& name);
    [[nodiscard]] models::Pod make_pod(
        const models::Workload& workload, const WorkloadRow& row, std::string name
    );
    [[nodiscard]] std::optional<Error> begin(
        const RequestContext& context, const std::string& call
    );
    [[nodiscard]] Result<User> user_of(const RequestContext& context) const;
    [[nodiscard]] Result<models::Pod> find_pod(
        const RequestContext& context, const std::string& ns, const std::string& name, bool logs
    ) const;
    // The log as it is now; `query` then names its container.
    [[nodiscard]] Result<Log> open_log(const RequestContext& context, clients::LogQuery& query);

    // What came after `seen` bytes; nullopt: nothing yet; "": the log has ended.
    [[nodiscard]] std::optional<std::string> more_of(const LogKey& key, std::size_t seen) const;
    Awaitable<Result<>> wait_a_little(Deadline deadline) const;

    const Clock* clock_;
    mutable std::mutex mutex_;
    models::ClusterBuilder builder_{"Kubernetes"};
    std::map<std::string, models::NamespaceView, std::less<>> views_;
    models::ClusterSnapshotPtr snapshot_;
    clients::ClusterState state_;
    std::map<std::string, User, std::less<>> users_;  // by token
    std::map<LogKey, Log> logs_;
    std::map<LogKey, Log> previous_logs_;
    std::size_t log_piece_ = 64UL << 10U;
    std::optional<Error> error_;
    std::map<std::string, int> calls_;
    std::vector<clients::AccessQuestion> questions_;
    std::vector<clients::LogQuery> log_queries_;
    std::size_t made_pods_ = 0;
};

}  // namespace meshscope::test
