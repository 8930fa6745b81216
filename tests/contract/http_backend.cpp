#include "tests/contract/http_backend.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
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

// The parameter `service`, as the last one of its name.
std::string service_of(const std::string& target) {
    std::string out;
    const std::string_view query = std::string_view(target).substr(target.find('?') + 1);
    for (const std::string_view part : split(query, '&')) {
        if (part.starts_with("service=")) {
            out = percent_decode(part.substr(8), true).value_or("");
        }
    }
    return out;
}

class HttpBackend final : public Backend {
 public:
    HttpBackend(HttpDialect dialect, std::chrono::milliseconds query_timeout)
        : dialect_(std::move(dialect)), timeout_(query_timeout) {
        server_.emplace([this](const std::string& target) { return answer(target); });
        port_ = server_->port();
    }
    ~HttpBackend() override {
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
            store_options.candidates = {dialect_.protocol(std::move(options), clock_, &workers_)};
            store_options.query_timeout = timeout_;
            store_.emplace(std::move(store_options), governor_, clock_);
        }
        return *store_;
    }
    [[nodiscard]] Wire wire() const override { return dialect_.wire; }

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
        if (path == dialect_.traces_path) {
            return traces_.empty() && dialect_.none_found != nullptr
                       ? failure(404, dialect_.none_found)
                       : whole(200, document(traces_));
        }
        if (path.starts_with(dialect_.traces_path + "/")) {
            return one_trace(path.substr(path.rfind('/') + 1));
        }
        if (path == dialect_.services_path) {
            return whole(200, dialect_.services(services_));
        }
        if (path == dialect_.operations_path && knows(service_of(target))) {
            return whole(200, dialect_.operations(operations_));
        }
        return whole(404, "404 page not found\n");
    }

    [[nodiscard]] bool knows(const std::string& service) const {
        return std::find(services_.begin(), services_.end(), service) != services_.end();
    }

    Answer failure(int status, const std::string& text) {
        return whole(status, dialect_.failure(status, text) + "\n");
    }

    std::string document(const std::vector<HeldTrace>& traces) {
        return dialect_.traces(traces) + dialect_.end;
    }

    Answer half(Then then) {
        const std::string body = document(traces_);
        const std::size_t first = dialect_.traces({traces_.front()}).size();
        return {.bytes = head(200, body.size()) + body.substr(0, first + 20), .then = then};
    }

    Answer one_trace(const std::string& id) {
        for (const HeldTrace& trace : traces_) {
            if (dialect_.path_id(trace.id) == id) {
                return whole(200, document({trace}));
            }
        }
        return failure(404, "trace not found");
    }

    HttpDialect dialect_;
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

std::unique_ptr<Backend> make_http_backend(
    HttpDialect dialect, std::chrono::milliseconds query_timeout
) {
    return std::make_unique<HttpBackend>(std::move(dialect), query_timeout);
}

}  // namespace meshscope::contract
