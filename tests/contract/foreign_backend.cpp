// A real Jaeger. Each backend asks the stand (tools/interop) for one that holds nothing, sends it
// spans over OTLP and waits until they can be read.
#include "async/governor.hpp"
#include "async/worker_pool.hpp"
#include "clients/grpc/grpc_channel.hpp"
#include "clients/http/http_client.hpp"
#include "clients/jaeger/grpc/grpc_v2.hpp"
#include "clients/jaeger/grpc/grpc_v3.hpp"
#include "clients/jaeger/http_v1.hpp"
#include "clients/jaeger/http_v3.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "tests/contract/backend.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace meshscope::contract {

namespace {

using clients::jaeger::JaegerStore;
using clients::jaeger::Protocol;

constexpr std::size_t kSpansInRequest = 2'000;
constexpr std::chrono::milliseconds kLookTimeout{60'000};
constexpr int kLooks = 100;
constexpr std::chrono::milliseconds kBetweenLooks{30};

template <class T>
T required(Result<T> result) {
    if (!result) {
        throw std::runtime_error(result.error().message());
    }
    return std::move(*result);
}

// What the stand says of a Jaeger.
struct Place {
    std::string protocol;  // "grpc api_v2"
    clients::Url url;
    clients::Url otlp;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string token;    // what a proxy wants; "" nothing
    std::string ca_file;  // "" no TLS
    bool repeated_keys = true;
};

Place place_of(const std::string& body) {
    const auto json = nlohmann::json::parse(body);
    Place out;
    out.protocol = json.at("protocol").get<std::string>();
    out.url = required(clients::parse_url(json.at("url").get<std::string>()));
    out.otlp = required(clients::parse_url(json.at("otlp").get<std::string>()));
    for (const auto& [name, value] : json.at("headers").items()) {
        out.headers.emplace_back(name, value.get<std::string>());
    }
    out.token = json.at("token").get<std::string>();
    out.ca_file = json.at("ca_file").get<std::string>();
    out.repeated_keys = json.at("repeated_keys").get<bool>();
    return out;
}

std::uint16_t closed_port() {
    boost::asio::io_context io(1);
    const boost::asio::ip::tcp::acceptor acceptor(
        io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}
    );
    return acceptor.local_endpoint().port();
}

class ForeignBackend final : public Backend {
 public:
    ForeignBackend(const std::string& stand, std::chrono::milliseconds query_timeout)
        : timeout_(query_timeout), place_(place_of(ask_stand(stand))) {}
    ~ForeignBackend() override {
        store_.reset();
        watching_.reset();
        workers_.join();
    }

    void hold(std::vector<HeldTrace> traces) override {
        std::map<TraceId, std::set<std::uint64_t>> sent;
        for (HeldTrace& trace : traces) {
            trace.short_id = false;  // OTLP has one length
            send(trace);
            for (const test::SpanRow& row : trace.spans) {
                sent[trace.id].insert(row.id);
            }
        }
        sent.erase(TraceId{});
        for (const auto& [id, spans] : sent) {
            const TraceId wanted = id;
            const std::size_t count = spans.size();
            wait_until([this, wanted, count] { return arrived(wanted, count); });
        }
    }

    void offer(std::vector<std::string> services, std::vector<clients::Operation> operations)
        override {
        HeldTrace trace{.id = {0x0FFE, 1}, .spans = {}};
        for (const std::string& service : services) {
            for (const clients::Operation& operation : operations) {
                test::SpanRow row;
                row.id = trace.spans.size() + 1;
                row.service = service;
                row.operation = operation.name;
                row.native.kind = operation.span_kind;
                trace.spans.push_back(std::move(row));
            }
        }
        send(trace);
        const std::size_t count = trace.spans.size();
        wait_until([this, id = trace.id, count] { return arrived(id, count); });
    }

    void suffer(Trouble trouble) override {
        if (trouble == Trouble::kRefused) {
            place_.url.port = closed_port();
        } else if (trouble == Trouble::kDenied) {
            place_.token = "not-" + place_.token;
        }
    }
    [[nodiscard]] bool can_suffer(Trouble trouble) const override {
        return trouble == Trouble::kNone || trouble == Trouble::kRefused ||
               (trouble == Trouble::kDenied && !place_.token.empty());
    }

    clients::TraceStore& store() override {
        if (!store_) {
            open(store_, timeout_);
        }
        return *store_;
    }
    [[nodiscard]] bool is_foreign() const override { return true; }
    [[nodiscard]] Wire wire() const override {
        const bool old = place_.protocol == "http v1";
        return {
            .not_a_number = !old,
            .nanoseconds = !old,
            .mixed_traces = !old,
            .any_service = false,
            .tag_order = false,
            .repeated_keys = place_.repeated_keys,
            .shortest_ns = old ? 0 : 1,
        };
    }

 private:
    static clients::HttpClientOptions http_options(
        const clients::Url& url, std::vector<std::pair<std::string, std::string>> headers
    ) {
        clients::HttpClientOptions options;
        options.upstream = "jaeger";
        options.setting_prefix = "external_services.tracing";
        options.base = url;
        options.use_proxy_environment = false;
        options.custom_headers = std::move(headers);
        return options;
    }

    // Before there is a place.
    std::string ask_stand(const std::string& stand) {
        clients::HttpRequest request;
        request.method = "POST";
        request.target = "/fresh";
        return say(http_options(required(clients::parse_url(stand)), {}), std::move(request));
    }

    void send(const HeldTrace& trace) {
        for (std::size_t first = 0; first < trace.spans.size(); first += kSpansInRequest) {
            HeldTrace part{.id = trace.id, .spans = {}};
            const std::size_t end = std::min(first + kSpansInRequest, trace.spans.size());
            for (std::size_t i = first; i < end; ++i) {
                part.spans.push_back(trace.spans[i]);
            }
            clients::HttpRequest request;
            request.method = "POST";
            request.target = "/v1/traces";
            request.headers = {{"Content-Type", "application/x-protobuf"}};
            request.body = otlp_request(part);
            say(http_options(place_.otlp, place_.headers), std::move(request));
        }
    }

    // The body of a 2xx; throws, which fails the test, otherwise.
    std::string say(clients::HttpClientOptions options, clients::HttpRequest request) {
        clients::HttpClient client(std::move(options), clock_);
        RequestContext context;
        context.deadline = Deadline::after(clock_.steady_now(), kLookTimeout);
        auto response = required(test::run_coroutine<Result<clients::HttpResponse>>([&] {
            return client.send(context, request);
        }));
        if (response.status / 100 != 2) {
            throw std::runtime_error(
                request.target + ": " + std::to_string(response.status) + " " + response.body
            );
        }
        return response.body;
    }

    // What never comes is for the test to find out.
    void wait_until(const std::function<bool()>& come) {
        for (int i = 0; i < kLooks && !come(); ++i) {
            boost::asio::io_context io(1);
            boost::asio::steady_timer(io, kBetweenLooks).wait();
        }
    }

    bool arrived(TraceId id, std::size_t spans) {
        if (!watching_) {
            open(watching_, kLookTimeout);
        }
        const auto batch = test::run_coroutine<Result<clients::TraceBatch>>([this, id] {
            return watching_->get_trace({}, id, std::nullopt);
        });
        return batch && batch->traces.size() == 1 && batch->traces[0]->spans.size() >= spans;
    }

    void open(std::optional<JaegerStore>& store, std::chrono::milliseconds timeout) {
        clients::jaeger::JaegerStoreOptions options;
        options.candidates = {protocol()};
        options.query_timeout = timeout;
        store.emplace(std::move(options), governor_, clock_);
    }

    std::shared_ptr<Protocol> protocol() {
        clients::Credentials credentials;
        if (!place_.token.empty()) {
            credentials.type = clients::AuthType::kBearer;
            credentials.token = clients::Secret::literal(place_.token);
        }
        clients::TlsSettings tls;
        if (!place_.ca_file.empty()) {
            tls.ca_files = {place_.ca_file};
        }
        if (place_.protocol.starts_with("http")) {
            clients::HttpClientOptions options = http_options(place_.url, place_.headers);
            options.credentials = credentials;
            options.tls = tls;
            if (place_.protocol == "http v1") {
                return std::make_shared<clients::jaeger::HttpV1Protocol>(
                    std::move(options), clock_, &workers_
                );
            }
            return std::make_shared<clients::jaeger::HttpV3Protocol>(
                std::move(options), clock_, &workers_
            );
        }
        clients::GrpcChannelOptions options;
        options.host = place_.url.host;
        options.port = place_.url.port;
        options.use_tls = place_.url.https;
        options.tls = tls;
        options.credentials = credentials;
        options.custom_headers = place_.headers;
        auto channel = std::make_shared<clients::GrpcChannel>(
            options, std::make_shared<clients::GrpcRuntime>(1), clock_
        );
        return place_.protocol == "grpc api_v2" ? clients::jaeger::make_grpc_v2(channel)
                                                : clients::jaeger::make_grpc_v3(channel);
    }

    std::chrono::milliseconds timeout_;
    SystemClock clock_;
    Place place_;
    WorkerPool workers_{1};
    Governor governor_{"jaeger", {}};
    std::optional<JaegerStore> store_;
    std::optional<JaegerStore> watching_;
};

}  // namespace

std::unique_ptr<Backend> make_foreign_backend(
    const std::string& stand, std::chrono::milliseconds query_timeout
) {
    return std::make_unique<ForeignBackend>(stand, query_timeout);
}

}  // namespace meshscope::contract
