#include "async/governor.hpp"
#include "clients/grpc/grpc_channel.hpp"
#include "clients/jaeger/grpc/grpc_v2.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "jaeger/api_v2/query.pb.h"
#include "tests/contract/backend.hpp"
#include "tests/support/grpc_test_server.hpp"

#include <optional>
#include <utility>

namespace meshscope::contract {

namespace {

namespace api = ::jaeger::api_v2;

constexpr int kOk = 0;
constexpr int kNotFound = 5;
constexpr int kInternal = 13;
constexpr int kUnavailable = 14;
constexpr int kUnauthenticated = 16;
constexpr int kSpansInMessage = 10;

std::string big_endian(std::uint64_t value) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>(static_cast<unsigned char>(value >> (56 - 8 * i)));
    }
    return bytes;
}

template <class Time>
void set_micros(Time& time, std::int64_t micros) {
    time.set_seconds(micros / 1'000'000);
    time.set_nanos(static_cast<std::int32_t>(micros % 1'000'000 * 1'000));
}

void set_tag(api::KeyValue& out, const std::string& key, const test::TagValue& value) {
    out.set_key(key);
    if (const auto* text = std::get_if<std::string>(&value)) {
        out.set_v_str(*text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        out.set_v_type(api::BOOL);
        out.set_v_bool(*flag);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        out.set_v_type(api::INT64);
        out.set_v_int64(*integer);
    } else {
        out.set_v_type(api::FLOAT64);
        out.set_v_float64(std::get<double>(value));
    }
}

void set_span(api::Span& span, TraceId trace, const test::SpanRow& row) {
    const std::string trace_id = big_endian(trace.high) + big_endian(trace.low);
    span.set_trace_id(trace_id);
    span.set_span_id(big_endian(row.id));
    span.set_operation_name(row.operation);
    if (row.parent != 0) {
        auto& reference = *span.add_references();
        reference.set_trace_id(trace_id);
        reference.set_span_id(big_endian(row.parent));
    }
    set_micros(*span.mutable_start_time(), row.start_us);
    set_micros(*span.mutable_duration(), row.duration_us);
    for (const auto& [key, value] : row.tags) {
        set_tag(*span.add_tags(), key, value);
    }
    for (const test::Tags& fields : row.logs) {
        auto& log = *span.add_logs();
        set_micros(*log.mutable_timestamp(), row.start_us);
        for (const auto& [key, value] : fields) {
            set_tag(*log.add_fields(), key, value);
        }
    }
    for (const std::string& text : row.warnings) {
        span.add_warnings(text);
    }
    span.mutable_process()->set_service_name(row.service);
    for (const auto& [key, value] : row.process_tags) {
        set_tag(*span.mutable_process()->add_tags(), key, value);
    }
}

// At most ten spans a message, traces never mixed in one, as Jaeger sends them.
void add_messages(std::vector<std::string>& messages, const HeldTrace& trace) {
    api::SpansResponseChunk chunk;
    for (const test::SpanRow& row : trace.spans) {
        set_span(*chunk.add_spans(), trace.id, row);
        if (chunk.spans_size() == kSpansInMessage) {
            messages.push_back(chunk.SerializeAsString());
            chunk.Clear();
        }
    }
    if (chunk.spans_size() > 0) {
        messages.push_back(chunk.SerializeAsString());
    }
}

class GrpcV2Backend final : public Backend {
 public:
    explicit GrpcV2Backend(std::chrono::milliseconds query_timeout) : timeout_(query_timeout) {
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
            store_options.candidates = {clients::jaeger::make_grpc_v2(std::move(channel))};
            store_options.query_timeout = timeout_;
            store_.emplace(std::move(store_options), governor_, clock_);
        }
        return *store_;
    }

 private:
    void on(const char* method, test::GrpcScript script) {
        server_->on(std::string("/jaeger.api_v2.QueryService/") + method, std::move(script));
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
                add_messages(script.messages, traces_.front());
                script.stall = true;
                break;
            case Trouble::kCutAfterFirst:
                add_messages(script.messages, traces_.front());
                script.status = kUnavailable;
                script.status_text = "connection lost";
                break;
        }
        on_all(script);
    }

    void write_answers() {
        test::GrpcScript search;
        for (const HeldTrace& trace : traces_) {
            add_messages(search.messages, trace);
        }
        on("FindTraces", search);
        test::GrpcScript look_up;
        look_up.status = traces_.empty() ? kNotFound : kOk;
        if (!traces_.empty()) {
            add_messages(look_up.messages, traces_.front());
        }
        on("GetTrace", look_up);
        api::GetServicesResponse services;
        for (const std::string& name : services_) {
            services.add_services(name);
        }
        test::GrpcScript names;
        names.messages = {services.SerializeAsString()};
        on("GetServices", names);
        api::GetOperationsResponse operations;
        for (const clients::Operation& operation : operations_) {
            auto& item = *operations.add_operations();
            item.set_name(operation.name);
            item.set_span_kind(operation.span_kind);
        }
        test::GrpcScript kinds;
        kinds.messages = {operations.SerializeAsString()};
        on("GetOperations", kinds);
    }

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

std::unique_ptr<Backend> make_grpc_v2_backend(std::chrono::milliseconds query_timeout) {
    return std::make_unique<GrpcV2Backend>(query_timeout);
}

}  // namespace meshscope::contract
