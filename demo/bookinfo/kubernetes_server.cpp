#include "demo/bookinfo/kubernetes_server.hpp"

#include "core/json_writer.hpp"
#include "demo/jaeger/go_values.hpp"
#include "demo/kubernetes/writes.hpp"

namespace meshscope::demo {
namespace {

HttpReply told(const Result<>& done) {
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    if (!done) {
        reply.status = done.error().kind() == ErrorKind::kNotFound ? 404 : 400;
        json.field("error", done.error().message());
    }
    json.end_object();
    return reply;
}

Error wrong(std::string message) { return {ErrorKind::kInvalidArgument, std::move(message)}; }

}  // namespace

KubernetesServer::KubernetesServer(
    LiveCluster& cluster, Counters& counters, const KubernetesOptions& options
)
    : cluster_(cluster),
      api_(cluster, counters, options),
      endpoint_(
          [this](const HttpRequest& request) { return api_.handle(request); },
          &faults_,
          kMostWriteBody
      ) {}

Result<> KubernetesServer::listen(const std::string& address, std::uint16_t port) {
    const std::scoped_lock lock(mutex_);
    const Result<> bound = endpoint_.listen(address, port);
    if (bound) {
        address_ = address;
        port_ = endpoint_.port();
        open_ = true;
    }
    return bound;
}

void KubernetesServer::close() {
    const std::scoped_lock lock(mutex_);
    endpoint_.close();
    open_ = false;
}

HttpReply KubernetesServer::control(const HttpRequest& request) {
    if (request.method != "POST") {
        return told(wrong("/kubernetes is for POST"));
    }
    if (request.path == "/kubernetes/rollout") {
        return told(cluster_.roll_out(std::string(request.first("workload").value_or(""))));
    }
    if (request.path != "/kubernetes") {
        return told(
            Error(ErrorKind::kNotFound, "there are POST /kubernetes and POST /kubernetes/rollout")
        );
    }
    if (const auto crds = request.first("crds")) {
        if (*crds != "on" && *crds != "off") {
            return told(wrong("crds is on or off"));
        }
        api_.install_custom_kinds(*crds == "on");
        return told({});
    }
    constexpr std::int64_t kSlowMs = 2'000;
    const auto latency = request.first("latency-ms");
    const auto milliseconds = latency ? parse_integer(*latency) : std::optional(kSlowMs);
    if (!milliseconds || *milliseconds < 0) {
        return told(wrong("latency-ms is not a number from 0 on"));
    }
    return told(set_state(request.first("state").value_or(""), *milliseconds));
}

Result<> KubernetesServer::set_state(std::string_view state, std::int64_t latency_ms) {
    if (state == "expire") {
        cluster_.forget_changes();
        return {};
    }
    const std::scoped_lock lock(mutex_);
    if (state == "off") {
        endpoint_.close();
        open_ = false;
        return {};
    }
    if (state != "on" && state != "slow") {
        return wrong("state is off, on, slow or expire");
    }
    faults_.latency_ms = state == "slow" ? latency_ms : 0;
    if (open_) {
        return {};
    }
    const Result<> bound = endpoint_.listen(address_, port_);
    open_ = bound.has_value();
    return bound;
}

}  // namespace meshscope::demo
