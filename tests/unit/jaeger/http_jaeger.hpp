#pragma once

#include "async/worker_pool.hpp"
#include "clients/http/http_client.hpp"
#include "clients/jaeger/protocol.hpp"
#include "tests/support/http_responder.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

inline constexpr const char* kUiPage =
    R"(<!doctype html><base href="/jaeger/"><title>Jaeger UI</title><script>const JAEGER_VERSION = {"gitVersion":"v2.19.0"};</script>)";

inline HttpResponder::Answer answer(
    int status, const std::string& body, const std::string& type = "text/plain"
) {
    return {
        "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: " + type +
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body
    };
}

// Jaeger's HTTP side with prepared answers by path, everything else is unknown; and a protocol that
// asks it.
class HttpJaeger {
 public:
    using Answer = HttpResponder::Answer;

    HttpJaeger(std::string base_path, std::size_t max_body) {
        options_.upstream = "jaeger";
        options_.setting_prefix = "external_services.tracing";
        options_.base.host = "127.0.0.1";
        options_.base.port = server_.port();
        options_.base.path = std::move(base_path);
        options_.use_proxy_environment = false;
        options_.limits.max_body_bytes = max_body;
    }
    ~HttpJaeger() { workers_.join(); }

    [[nodiscard]] clients::HttpClientOptions& options() { return options_; }
    [[nodiscard]] WorkerPool& workers() { return workers_; }

    void on(const std::string& path, Answer what) {
        const std::scoped_lock lock(mutex_);
        answers_[path] = std::move(what);
    }
    std::vector<std::string> targets() {
        const std::scoped_lock lock(mutex_);
        return targets_;
    }

    Result<clients::TraceBatch> find(
        const clients::TraceQuery& query = {}, const RequestContext& context = {}
    ) {
        return run_coroutine<Result<clients::TraceBatch>>([&] {
            return protocol->find_traces(context, query);
        });
    }
    Result<clients::TraceBatch> get(TraceId id) {
        return run_coroutine<Result<clients::TraceBatch>>([&] {
            return protocol->get_trace({}, id, std::nullopt);
        });
    }
    Result<std::vector<std::string>> services() {
        return run_coroutine<Result<std::vector<std::string>>>([&] {
            return protocol->services({});
        });
    }
    Result<std::vector<clients::Operation>> operations(const std::string& kind) {
        return run_coroutine<Result<std::vector<clients::Operation>>>([&] {
            return protocol->operations({}, "a/b", kind);
        });
    }
    Result<> probe() {
        return run_coroutine<Result<>>([&] { return protocol->probe({}); });
    }
    std::string version() {
        return run_coroutine<std::string>([&] { return protocol->version({}); });
    }

    ManualClock clock;
    std::unique_ptr<clients::jaeger::Protocol> protocol;

 private:
    Answer serve(const std::string& target) {
        const std::scoped_lock lock(mutex_);
        targets_.push_back(target);
        const auto found = answers_.find(target.substr(0, target.find('?')));
        return found == answers_.end() ? answer(404, "404 page not found\n") : found->second;
    }

    std::mutex mutex_;
    std::map<std::string, Answer> answers_;
    std::vector<std::string> targets_;
    HttpResponder server_{[this](const std::string& target) { return serve(target); }};
    WorkerPool workers_{1};
    clients::HttpClientOptions options_;
};

}  // namespace meshscope::test
