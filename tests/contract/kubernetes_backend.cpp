#include "async/task_group.hpp"
#include "clients/kubernetes/kubernetes_cluster.hpp"
#include "demo/kubernetes/api.hpp"
#include "demo/net/http_endpoint.hpp"
#include "tests/contract/cluster_backend.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>

namespace meshscope::contract {

namespace {

using namespace std::chrono_literals;
using clients::kubernetes::KubernetesCluster;

// The API of the simulated cluster on a port.
class DemoApi {
 public:
    explicit DemoApi(test::ManualClock& clock)
        : stream_(*demo::scenario_named("normal"), 1, clock.now()),
          live_(stream_, clock, [&clock] { return to_micros(clock.now()) + 1'000; }),
          api_(live_, counters_, quick()),
          endpoint_(
              [this](const demo::HttpRequest& request) { return api_.handle(request); }, &faults_
          ) {
        if (!endpoint_.listen("127.0.0.1", 0)) {
            throw std::runtime_error("no port is free");
        }
        url_ = "http://127.0.0.1:" + std::to_string(endpoint_.port());
    }

    [[nodiscard]] const std::string& url() const { return url_; }
    demo::LiveCluster& live() { return live_; }
    demo::Faults& faults() { return faults_; }
    void close() { endpoint_.close(); }

 private:
    static demo::KubernetesOptions quick() {
        demo::KubernetesOptions options;
        options.look_every = 2ms;
        return options;
    }

    demo::EventStream stream_;
    demo::LiveCluster live_;
    demo::Counters counters_;
    demo::Faults faults_;
    demo::KubernetesApi api_;
    demo::HttpEndpoint endpoint_;
    std::string url_;
};

clients::kubernetes::KubernetesOptions options_for(const std::string& url) {
    clients::kubernetes::KubernetesOptions options;
    options.connection.source = "the contract";
    options.connection.server = *clients::parse_url(url);
    options.connection.credentials.type = clients::AuthType::kBearer;
    options.connection.credentials.token = clients::Secret::literal("demo-server-token");
    options.publish_every = 1ms;
    options.call_timeout = 1500ms;
    return options;
}

class KubernetesBackend final : public ClusterBackend {
 public:
    KubernetesBackend()
        : api_(clock_),
          cluster_(options_for(api_.url()), governor_, clock_),
          tasks_(thread_.executor(), [](const std::string&, std::exception_ptr error) {
              std::rethrow_exception(error);
          }) {
        boost::asio::post(thread_.io(), [this] {
            tasks_.spawn("cluster", [this] { return cluster_.run(); });
        });
        if (!test::eventually([this] { return is_current(); })) {
            throw std::runtime_error("the cluster is never synced");
        }
    }
    ~KubernetesBackend() override {
        api_.close();
        tasks_.cancel();
        thread_.start(joined(tasks_)).wait();
    }
    KubernetesBackend(const KubernetesBackend&) = delete;
    KubernetesBackend& operator=(const KubernetesBackend&) = delete;

    clients::Cluster& cluster() override { return cluster_; }
    [[nodiscard]] SystemTime now() const override { return clock_.now(); }
    void roll_out() override {
        // What was there before has been there for a while.
        clock_.advance(1ms);
        if (!api_.live().roll_out("details-v1")) {
            throw std::runtime_error("there is no details-v1");
        }
    }
    void write_lines() override { clock_.advance(20s); }
    void suffer(ClusterTrouble trouble) override {
        if (trouble == ClusterTrouble::kRefused) {
            api_.close();
        } else {
            api_.faults().latency_ms = 5'000;
        }
    }

 private:
    static Awaitable<bool> joined(TaskGroup& tasks) {
        co_return co_await tasks.join(Deadline::never());
    }
    bool is_current() {
        const clients::ClusterState state = cluster_.state();
        return state.synced && !state.version.empty() &&
               std::all_of(state.kinds.begin(), state.kinds.end(), [](const auto& kind) {
                   return kind.state == clients::KindState::State::kCurrent;
               });
    }

    test::ManualClock clock_;
    DemoApi api_;
    Governor governor_{"kubernetes", GovernorLimits{}};
    KubernetesCluster cluster_;
    test::IoThread thread_;
    TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<ClusterBackend> make_kubernetes_backend() {
    return std::make_unique<KubernetesBackend>();
}

}  // namespace meshscope::contract
