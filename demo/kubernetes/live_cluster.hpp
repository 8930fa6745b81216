#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "demo/kubernetes/cluster_objects.hpp"
#include "demo/kubernetes/object_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::demo {

// The cluster as time goes by. Every minute in namespace bookinfo a CronJob runs a Job whose pod
// ends by itself, a bare pod named debug comes and goes, and productpage has a second replica for a
// while. The pods that report spans stay, unless a rollout is asked for. Thread-safe.
class LiveCluster {
 public:
    // Both must outlive this. `micros` gives the time for resource versions, which goes on where
    // the mesh's stands still.
    LiveCluster(
        const EventStream& stream, const Clock& clock, std::function<std::int64_t()> micros
    );

    // Calls `use` with the store as it is now.
    template <class Use>
    auto look(const Use& use) {
        const std::scoped_lock lock(mutex_);
        catch_up();
        return use(std::as_const(store_));
    }

    // Likewise, and `use` may change it.
    template <class Use>
    auto change(const Use& use) {
        const std::scoped_lock lock(mutex_);
        catch_up();
        return use(store_);
    }

    void forget_changes();
    // Another ReplicaSet with another pod takes over, as after a new image. kNotFound: there is no
    // such workload.
    Result<> roll_out(const std::string& workload);

    [[nodiscard]] const EventStream& stream() const { return objects_.stream(); }
    [[nodiscard]] SystemTime now() const { return clock_.now(); }

 private:
    static constexpr std::chrono::seconds kStep{5};
    static constexpr std::int64_t kStepsOfARound = 12;

    void catch_up();
    void step(std::int64_t number);
    void job_step(std::int64_t round, std::int64_t phase, SystemTime at);
    void debug_step(std::int64_t phase, SystemTime at);
    void second_replica_step(std::int64_t round, std::int64_t phase, SystemTime at);
    void put(Object object);
    void put_pod(const PodPlan& pod);
    void drop_pod(const PodPlan& pod);
    void refresh_endpoints(const Workload& workload);
    void refresh_controllers(const Workload& workload);
    std::vector<PodPlan>& pods_of(const Workload& workload);

    const ClusterObjects objects_;
    const Clock& clock_;
    std::mutex mutex_;
    ObjectStore store_;
    std::int64_t steps_ = 0;
    // What differs from the beginning: the pods behind a service, by its application; the hash and
    // generation of a workload's Deployment.
    std::map<std::pair<std::string, std::string>, std::vector<PodPlan>> pods_;
    struct Revision {
        std::string hash;
        std::int64_t generation = 2;
    };
    std::map<std::string, Revision> revisions_;
    Revision& revision_of(const Workload& workload);
};

}  // namespace meshscope::demo
