#include "tests/contract/cluster_backend.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/manual_clock.hpp"

namespace meshscope::contract {

namespace {

class FakeClusterBackend final : public ClusterBackend {
 public:
    FakeClusterBackend() {
        cluster_.add_namespace("travel-agency");
        pod_ = cluster_.add_workload("bookinfo", "details-v1", {.app = "details"}).front();
        cluster_.add_service("bookinfo", "details", {{"app", "details"}});
        cluster_.add_user("demo-server-token", {"demo-server", {}, true, true, true, true});
        cluster_.add_user("demo-a-token", {"demo-a", {"bookinfo"}});
        cluster_.add_user("demo-b-token", {"demo-b", {"travel-agency"}});
        cluster_.add_user("demo-nobody-token", {"demo-nobody", {}});
        for (int i = 0; i < 5; ++i) {
            write_lines();
        }
    }

    clients::Cluster& cluster() override { return cluster_; }
    [[nodiscard]] SystemTime now() const override { return clock_.now(); }
    void roll_out() override {
        models::Pod next = *cluster_.snapshot()->pod_named("bookinfo", pod_);
        cluster_.end_pod("bookinfo", pod_, clock_.now());
        next.meta.name = "details-v1-another-00001";
        next.meta.uid = "uid-of-another";
        next.meta.created = clock_.now();
        next.ips = {"10.1.2.3"};
        cluster_.add_pod(std::move(next));
    }
    void write_lines() override {
        const std::string second = std::to_string(10 + lines_++);
        cluster_.append_log(
            "bookinfo", pod_, "details", "2025-11-20T23:59:" + second + ".000000000Z a line\n"
        );
    }
    void suffer(ClusterTrouble trouble) override {
        cluster_.fail_with(Error(
            trouble == ClusterTrouble::kRefused ? ErrorKind::kUpstreamUnavailable
                                                : ErrorKind::kDeadline,
            "scripted failure"
        ));
    }

 private:
    test::ManualClock clock_;
    test::FakeCluster cluster_;
    std::string pod_;
    int lines_ = 0;
};

}  // namespace

std::unique_ptr<ClusterBackend> make_fake_cluster_backend() {
    return std::make_unique<FakeClusterBackend>();
}

}  // namespace meshscope::contract
