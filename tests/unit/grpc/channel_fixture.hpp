#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "tests/support/grpc_test_server.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <memory>
#include <string>
#include <vector>

namespace meshscope::test {

inline constexpr const char* kMethod = "/test.Service/Call";

inline std::shared_ptr<clients::GrpcRuntime> make_runtime() {
    return std::make_shared<clients::GrpcRuntime>();
}

inline clients::GrpcChannelOptions options_for(std::uint16_t port) {
    clients::GrpcChannelOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    return options;
}

inline RequestContext context_with(const Clock& clock, std::chrono::milliseconds time) {
    RequestContext context;
    context.deadline = Deadline::after(clock.steady_now(), time);
    return context;
}

inline Result<std::string> call_unary(
    clients::GrpcChannel& channel, RequestContext context, std::string request = ""
) {
    return run_coroutine<Result<std::string>>(
        [&channel, context = std::move(context), request = std::move(request)](
        ) -> Awaitable<Result<std::string>> { return channel.unary(context, kMethod, request); }
    );
}

struct Streamed {
    std::vector<std::string> messages;
    std::optional<Error> error;
};

// Everything a server-streaming call gives, on the current io_context.
inline Awaitable<Streamed> read_all(
    clients::GrpcChannel& channel, RequestContext context, std::function<void()> after_message = {}
) {
    Streamed out;
    Result<clients::GrpcStream> stream = channel.server_stream(context, kMethod, "request");
    if (!stream) {
        out.error = stream.error();
        co_return out;
    }
    for (;;) {
        Result<std::optional<std::string>> message = co_await stream->next();
        if (!message) {
            out.error = message.error();
            co_return out;
        }
        if (!message->has_value()) {
            co_return out;
        }
        out.messages.push_back(std::move(**message));
        if (after_message) {
            after_message();
        }
    }
}

}  // namespace meshscope::test
