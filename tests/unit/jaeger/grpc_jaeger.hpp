#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "clients/jaeger/protocol.hpp"
#include "tests/support/grpc_test_server.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

// A scripted Jaeger and a protocol that asks it.
struct GrpcJaeger {
    explicit GrpcJaeger(std::size_t receive_limit) {
        clients::GrpcChannelOptions options;
        options.host = "127.0.0.1";
        options.port = server.port();
        options.max_message_bytes = receive_limit;
        channel = std::make_shared<clients::GrpcChannel>(
            options, std::make_shared<clients::GrpcRuntime>(), clock
        );
        context = context_for(std::chrono::milliseconds(30'000));
    }

    RequestContext context_for(std::chrono::milliseconds time) const {
        RequestContext made;
        made.deadline = Deadline::after(clock.steady_now(), time);
        return made;
    }

    void script(
        const char* method, std::vector<std::string> messages, int status = 0, const char* text = ""
    ) {
        GrpcScript made;
        made.messages = std::move(messages);
        made.status = status;
        made.status_text = text;
        server.on(method, made);
    }

    void script_stall(const char* method, std::vector<std::string> messages) {
        GrpcScript made;
        made.messages = std::move(messages);
        made.stall = true;
        server.on(method, made);
    }

    Result<clients::TraceBatch> find(clients::TraceQuery query = {}) {
        return run_coroutine<Result<clients::TraceBatch>>([&] {
            return protocol->find_traces(context, query);
        });
    }
    Result<clients::TraceBatch> get(TraceId id, std::optional<TimeRange> near = std::nullopt) {
        return run_coroutine<Result<clients::TraceBatch>>([&] {
            return protocol->get_trace(context, id, near);
        });
    }

    Result<std::vector<std::string>> services() {
        return run_coroutine<Result<std::vector<std::string>>>([&] {
            return protocol->services(context);
        });
    }
    Result<std::vector<clients::Operation>> operations(const std::string& kind) {
        return run_coroutine<Result<std::vector<clients::Operation>>>([&] {
            return protocol->operations(context, "ratings", kind);
        });
    }
    Result<> probe() {
        return run_coroutine<Result<>>([&] { return protocol->probe(context); });
    }
    std::vector<std::string> methods() const {
        std::vector<std::string> out;
        for (const GrpcTestCall& call : server.calls()) {
            out.push_back(call.method);
        }
        return out;
    }

    ManualClock clock;
    GrpcTestServer server;
    std::shared_ptr<clients::GrpcChannel> channel;
    std::unique_ptr<clients::jaeger::Protocol> protocol;
    RequestContext context;
};

}  // namespace meshscope::test
