#pragma once

#include "clients/prometheus/prometheus_store.hpp"
#include "core/text.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::test {

// The time of day stands still until it is moved, steady time goes on: deadlines are real.
class MovableClock final : public Clock {
 public:
    [[nodiscard]] SystemTime now() const override { return manual_.now(); }
    [[nodiscard]] SteadyTime steady_now() const override {
        return std::chrono::steady_clock::now() +
               (manual_.steady_now() - ManualClock().steady_now());
    }
    void advance(std::chrono::microseconds by) { manual_.advance(by); }

 private:
    ManualClock manual_;
};

// A request as a scripted Prometheus saw it.
struct SeenRequest {
    std::string method;
    std::string path;                         // without the query
    std::map<std::string, std::string> form;  // of the body, or of the query
    std::string head;                         // all header lines

    [[nodiscard]] std::string parameter(const std::string& name) const {
        const auto found = form.find(name);
        return found == form.end() ? std::string() : found->second;
    }
};

inline SeenRequest seen_request(const std::string& text) {
    SeenRequest seen;
    const std::size_t body = text.find("\r\n\r\n");
    seen.head = text.substr(0, body);
    seen.method = text.substr(0, text.find(' '));
    const std::size_t from = seen.method.size() + 1;
    const std::string target = text.substr(from, text.find(' ', from) - from);
    seen.path = target.substr(0, target.find('?'));
    const std::string form = seen.path.size() < target.size() ? target.substr(seen.path.size() + 1)
                                                              : text.substr(body + 4);
    for (const std::string_view part : split(form, '&')) {
        const std::size_t equals = part.find('=');
        if (equals != std::string_view::npos) {
            seen.form[std::string(part.substr(0, equals))] =
                percent_decode(part.substr(equals + 1), true).value_or("?");
        }
    }
    return seen;
}

inline std::string status_answer(
    int status, const std::string& body, const std::string& more = ""
) {
    return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string json_answer(const std::string& body) {
    return status_answer(200, body, "Content-Type: application/json\r\n");
}

inline std::string one_value(const std::string& value) {
    return json_answer(
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"app":"a"},"value":[1763683200,")" +
        value + R"("]}]}})"
    );
}

inline const std::string kOneSeries = json_answer(
    R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"app":"a"},"values":[[1763683200,"1"],[1763683215,"2"]]}]}})"
);

// A server that answers each request by a handler, and a PrometheusStore that asks it. An answer of
// "" is never given: the connection waits for its end.
class ScriptedPrometheus {
 public:
    using Handler = std::function<std::string(const SeenRequest&)>;

    explicit ScriptedPrometheus(Handler handler, std::optional<ScriptedTls> tls = std::nullopt)
        : handler_(std::move(handler)) {
        const auto script = [this](Peer& peer) { serve(peer); };
        server_ = tls ? std::make_unique<ScriptedServer>(script, std::move(*tls))
                      : std::make_unique<ScriptedServer>(script);
        options.http.upstream = "prometheus";
        options.http.setting_prefix = "external_services.prometheus";
        options.http.url_setting = "url";
        options.http.base.host = "127.0.0.1";
        options.http.base.port = server_->port();
        options.http.use_proxy_environment = false;
        options.on_call = [this](std::string_view outcome, std::chrono::nanoseconds) {
            const std::scoped_lock lock(mutex_);
            outcomes_.emplace_back(outcome);
        };
    }

    clients::prometheus::PrometheusStoreOptions options;  // until the first question
    MovableClock clock;

    clients::prometheus::PrometheusStore& store() {
        if (!store_) {
            store_ =
                std::make_unique<clients::prometheus::PrometheusStore>(options, governor_, clock);
        }
        return *store_;
    }

    Result<clients::VectorAnswerPtr> instant(
        clients::promql::Expr query, const RequestContext& context = {}
    ) {
        return instant_at(std::move(query), clock.now(), context);
    }
    Result<clients::VectorAnswerPtr> instant_at(
        clients::promql::Expr query, SystemTime at, const RequestContext& context = {}
    ) {
        return run_coroutine<Result<clients::VectorAnswerPtr>>(
            [&, query = std::move(query)]() -> Awaitable<Result<clients::VectorAnswerPtr>> {
                return store().instant(context, query, at);
            }
        );
    }
    Result<clients::MatrixAnswerPtr> range(
        clients::promql::Expr query, clients::MetricRange range, const RequestContext& context = {}
    ) {
        return run_coroutine<Result<clients::MatrixAnswerPtr>>(
            [&, query = std::move(query)]() -> Awaitable<Result<clients::MatrixAnswerPtr>> {
                return store().range(context, query, range);
            }
        );
    }
    clients::MetricStoreState probe() {
        return run_coroutine<clients::MetricStoreState>(
            [&]() -> Awaitable<clients::MetricStoreState> { return store().probe({}); }
        );
    }

    [[nodiscard]] std::vector<SeenRequest> seen() const {
        const std::scoped_lock lock(mutex_);
        return seen_;
    }
    [[nodiscard]] std::vector<std::string> outcomes() const {
        const std::scoped_lock lock(mutex_);
        return outcomes_;
    }
    [[nodiscard]] ScriptedServer& server() { return *server_; }
    [[nodiscard]] Governor& governor() { return governor_; }

 private:
    void serve(Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const SeenRequest seen = seen_request(request);
            {
                const std::scoped_lock lock(mutex_);
                seen_.push_back(seen);
            }
            const std::string answer = handler_(seen);
            if (answer.empty()) {
                peer.wait_for_close();
                return;
            }
            if (!peer.send(answer)) {
                return;
            }
        }
    }

    Handler handler_;
    mutable std::mutex mutex_;
    std::vector<SeenRequest> seen_;
    std::vector<std::string> outcomes_;
    Governor governor_{"prometheus", {}};
    std::unique_ptr<ScriptedServer> server_;
    std::unique_ptr<clients::prometheus::PrometheusStore> store_;
};

}  // namespace meshscope::test
