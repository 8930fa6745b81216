#include "async/governor.hpp"
#include "async/worker_pool.hpp"
#include "clients/jaeger/http_v1.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "tests/contract/backend.hpp"
#include "tests/support/http_responder.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace meshscope::contract {

namespace {

using Answer = test::HttpResponder::Answer;
using Then = test::HttpResponder::Then;

std::string head(int status, std::size_t length) {
    return fmt::format(
        "HTTP/1.1 {} Status\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
        status,
        length
    );
}

Answer whole(int status, const std::string& body) { return {head(status, body.size()) + body}; }

Answer failure(int status, const std::string& text) {
    return whole(
        status,
        fmt::format(R"({{"data":null,"errors":[{{"code":{},"msg":"{}"}}]}})", status, text) + "\n"
    );
}

class HttpV1Backend final : public Backend {
 public:
    explicit HttpV1Backend(std::chrono::milliseconds query_timeout) : timeout_(query_timeout) {
        server_.emplace([this](const std::string& target) { return answer(target); });
        port_ = server_->port();
    }
    ~HttpV1Backend() override {
        store_.reset();
        server_.reset();
        workers_.join();
    }

    void hold(std::vector<HeldTrace> traces) override { traces_ = std::move(traces); }
    void offer(std::vector<std::string> services, std::vector<clients::Operation> operations)
        override {
        services_ = std::move(services);
        operations_ = std::move(operations);
    }
    void suffer(Trouble trouble) override {
        trouble_ = trouble;
        if (trouble == Trouble::kRefused) {
            server_.reset();
        }
    }

    clients::TraceStore& store() override {
        if (!store_) {
            clients::HttpClientOptions options;
            options.upstream = "jaeger";
            options.setting_prefix = "external_services.tracing";
            options.base.host = "127.0.0.1";
            options.base.port = port_;
            options.base.path = "/jaeger";
            options.use_proxy_environment = false;
            clients::jaeger::JaegerStoreOptions store_options;
            store_options.candidates = {
                std::make_shared<clients::jaeger::HttpV1Protocol>(options, clock_, &workers_)
            };
            store_options.query_timeout = timeout_;
            store_.emplace(std::move(store_options), governor_, clock_);
        }
        return *store_;
    }

 private:
    // Runs on the server's threads; what it reads was written before the first call.
    Answer answer(const std::string& target) {
        switch (trouble_) {
            case Trouble::kDenied:
                return whole(401, "unauthorized\n");
            case Trouble::kBroken:
                return failure(500, "all shards failed");
            case Trouble::kSilent:
                return {.bytes = {}, .then = Then::kStall};
            case Trouble::kSilentAfterFirst:
                return half(Then::kStall);
            case Trouble::kCutAfterFirst:
                return half(Then::kClose);
            case Trouble::kNone:
            case Trouble::kRefused:
                break;
        }
        const std::string path = target.substr(0, target.find('?'));
        if (path == "/jaeger/api/traces") {
            return whole(200, http_v1_json(traces_) + kHttpV1JsonEnd);
        }
        if (path.starts_with("/jaeger/api/traces/")) {
            return one_trace(path.substr(path.rfind('/') + 1));
        }
        if (path == "/jaeger/api/services") {
            return whole(200, services_json());
        }
        if (target == "/jaeger/api/operations?service=details%2Fv1") {
            return whole(200, operations_json());
        }
        return whole(404, "404 page not found\n");
    }

    Answer half(Then then) {
        const std::string body = http_v1_json(traces_) + kHttpV1JsonEnd;
        const std::size_t first = http_v1_json({traces_.front()}).size();
        return {.bytes = head(200, body.size()) + body.substr(0, first + 20), .then = then};
    }

    Answer one_trace(const std::string& id) {
        for (const HeldTrace& trace : traces_) {
            if (trace.id.to_hex() == id) {
                return whole(200, http_v1_json({trace}) + kHttpV1JsonEnd);
            }
        }
        return failure(404, "trace not found");
    }

    std::string services_json() {
        std::string names;
        for (const std::string& name : services_) {
            names += fmt::format("{}\"{}\"", names.empty() ? "" : ",", name);
        }
        return fmt::format(R"({{"data":[{}],"total":{},"errors":null}})", names, services_.size());
    }

    std::string operations_json() {
        std::string items;
        for (const clients::Operation& operation : operations_) {
            items += fmt::format(
                R"({}{{"name":"{}","spanKind":"{}"}})",
                items.empty() ? "" : ",",
                operation.name,
                operation.span_kind
            );
        }
        return "{\"data\":[" + items + "],\"errors\":null}";
    }

    std::chrono::milliseconds timeout_;
    std::vector<HeldTrace> traces_;
    std::vector<std::string> services_;
    std::vector<clients::Operation> operations_;
    Trouble trouble_ = Trouble::kNone;
    std::uint16_t port_ = 0;
    std::optional<test::HttpResponder> server_;
    SystemClock clock_;
    WorkerPool workers_{1};
    Governor governor_{"jaeger", {}};
    std::optional<clients::jaeger::JaegerStore> store_;
};

}  // namespace

std::unique_ptr<Backend> make_http_v1_backend(std::chrono::milliseconds query_timeout) {
    return std::make_unique<HttpV1Backend>(query_timeout);
}

}  // namespace meshscope::contract
