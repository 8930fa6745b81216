#include "tests/contract/grpc_backend.hpp"

#include "async/governor.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "tests/support/grpc_test_server.hpp"

#include <optional>
#include <utility>

namespace meshscope::contract {

namespace {

constexpr int kOk = 0;
constexpr int kNotFound = 5;
constexpr int kInternal = 13;
constexpr int kUnavailable = 14;
constexpr int kUnauthenticated = 16;

class GrpcBackend final : public Backend {
 public:
    GrpcBackend(GrpcDialect dialect, std::chrono::milliseconds query_timeout)
        : dialect_(std::move(dialect)), timeout_(query_timeout) {
        server_.emplace();
        port_ = server_->port();
    }

    void hold(std::vector<HeldTrace> traces) override { traces_ = std::move(traces); }
    void offer(std::vector<std::string> services, std::vector<clients::Operation> operations)
        override {
        services_ = std::move(services);
        operations_ = std::move(operations);
    }
    void suffer(Trouble trouble) override { trouble_ = trouble; }

    clients::TraceStore& store() override {
        if (!store_) {
            write_scripts();
            clients::GrpcChannelOptions options;
            options.host = "127.0.0.1";
            options.port = port_;
            auto channel = std::make_shared<clients::GrpcChannel>(
                options, std::make_shared<clients::GrpcRuntime>(1), clock_
            );
            clients::jaeger::JaegerStoreOptions store_options;
            store_options.candidates = {dialect_.protocol(std::move(channel))};
            store_options.query_timeout = timeout_;
            store_.emplace(std::move(store_options), governor_, clock_);
        }
        return *store_;
    }

 private:
    void on(const char* method, test::GrpcScript script) {
        server_->on("/" + dialect_.service + "/" + method, std::move(script));
    }

    void on_all(const test::GrpcScript& script) {
        for (const char* method : {"FindTraces", "GetTrace", "GetServices", "GetOperations"}) {
            on(method, script);
        }
    }

    void write_scripts() {
        test::GrpcScript script;
        switch (trouble_) {
            case Trouble::kNone:
                return write_answers();
            case Trouble::kRefused:
                server_.reset();
                return;
            case Trouble::kDenied:
                script.status = kUnauthenticated;
                script.status_text = "no token";
                break;
            case Trouble::kBroken:
                script.status = kInternal;
                script.status_text = "all shards failed";
                break;
            case Trouble::kSilent:
                script.stall = true;
                break;
            case Trouble::kSilentAfterFirst:
                script.messages = dialect_.messages({traces_.front()});
                script.stall = true;
                break;
            case Trouble::kCutAfterFirst:
                script.messages = dialect_.messages({traces_.front()});
                script.status = kUnavailable;
                script.status_text = "connection lost";
                break;
        }
        on_all(script);
    }

    void write_answers() {
        test::GrpcScript search;
        search.messages = dialect_.messages(traces_);
        on("FindTraces", search);
        test::GrpcScript look_up;
        look_up.status = traces_.empty() ? kNotFound : kOk;
        if (!traces_.empty()) {
            look_up.messages = dialect_.messages({traces_.front()});
        }
        on("GetTrace", look_up);
        test::GrpcScript names;
        names.messages = {dialect_.services(services_)};
        on("GetServices", names);
        test::GrpcScript kinds;
        kinds.messages = {dialect_.operations(operations_)};
        on("GetOperations", kinds);
    }

    GrpcDialect dialect_;
    std::chrono::milliseconds timeout_;
    std::vector<HeldTrace> traces_;
    std::vector<std::string> services_;
    std::vector<clients::Operation> operations_;
    Trouble trouble_ = Trouble::kNone;
    std::uint16_t port_ = 0;
    std::optional<test::GrpcTestServer> server_;
    SystemClock clock_;
    Governor governor_{"jaeger", {}};
    std::optional<clients::jaeger::JaegerStore> store_;
};

}  // namespace

std::unique_ptr<Backend> make_grpc_backend(
    GrpcDialect dialect, std::chrono::milliseconds query_timeout
) {
    return std::make_unique<GrpcBackend>(std::move(dialect), query_timeout);
}

std::string big_endian(std::uint64_t value) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>(static_cast<unsigned char>(value >> (56 - 8 * i)));
    }
    return bytes;
}

std::string trace_id_bytes(TraceId id) { return big_endian(id.high) + big_endian(id.low); }

std::string trace_id_bytes(const HeldTrace& trace) {
    return trace.short_id ? big_endian(trace.id.low) : trace_id_bytes(trace.id);
}

}  // namespace meshscope::contract
