#include "clients/grpc/grpc_channel.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/unit/grpc/channel_fixture.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kPlenty{30'000};

GrpcScript messages(std::vector<std::string> list) {
    GrpcScript script;
    script.messages = std::move(list);
    return script;
}

}  // namespace

TEST_CASE("a stream gives every message in order and then its end") {
    const ManualClock clock;
    GrpcTestServer server;
    server.on(kMethod, messages({"one", "", std::string("t\0o", 3)}));
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    const RequestContext context = context_with(clock, kPlenty);
    const auto got = run_coroutine<Streamed>([&] { return read_all(channel, context); });
    CHECK_FALSE(got.error);
    CHECK(got.messages == std::vector<std::string>{"one", "", std::string("t\0o", 3)});
    CHECK(server.calls().at(0).request == "request");
    CHECK(context.bill->of("jaeger").calls == 1);
    CHECK(context.bill->of("jaeger").bytes == 6);
}

TEST_CASE("a large message comes in pieces that can be read after the stream is gone") {
    const ManualClock clock;
    GrpcTestServer server;
    std::string large;
    while (large.size() < 3'000'000) {
        large += std::to_string(large.size());
    }
    server.on(kMethod, messages({large, "", "rest"}));
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    const RequestContext context = context_with(clock, kPlenty);
    std::vector<GrpcMessage> received;
    const bool ended = run_coroutine<bool>([&]() -> Awaitable<bool> {
        Result<GrpcStream> stream = channel.server_stream(context, kMethod, "request");
        REQUIRE(stream.has_value());
        for (;;) {
            Result<std::optional<GrpcMessage>> message = co_await stream->next_message();
            if (!message || !message->has_value()) {
                co_return message.has_value();
            }
            received.push_back(std::move(**message));
        }
    });
    CHECK(ended);
    REQUIRE(received.size() == 3);
    CHECK(received[0].size() == large.size());
    std::string read;
    std::size_t pieces = 0;
    while (const auto piece = received[0].next()) {
        CHECK_FALSE(piece->empty());
        read += *piece;
        ++pieces;
    }
    CHECK(pieces > 1);
    CHECK(read == large);
    CHECK_FALSE(received[0].next());
    CHECK(received[1].size() == 0);
    CHECK_FALSE(received[1].next());
    CHECK(received[2].take() == "rest");
    CHECK(received[2].take().empty());
    CHECK(context.bill->of("jaeger").bytes == large.size() + 4);
}

TEST_CASE("a unary call gives its answer; an end without one is an error") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    server.on(kMethod, messages({"answer"}));
    CHECK(*call_unary(channel, context_with(clock, kPlenty), "q") == "answer");
    server.on(kMethod, messages({}));
    const auto empty = call_unary(channel, context_with(clock, kPlenty));
    REQUIRE_FALSE(empty.has_value());
    CHECK(empty.error().kind() == ErrorKind::kUpstreamProtocol);
}

TEST_CASE("a hundred streams run side by side over one channel") {
    const ManualClock clock;
    GrpcTestServer server;
    std::vector<std::string> list;
    for (int i = 0; i < 50; ++i) {
        list.push_back(std::string(2'000, static_cast<char>('a' + i % 26)));
    }
    server.on(kMethod, messages(list));
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    boost::asio::io_context io(1);
    std::size_t complete = 0;
    for (int i = 0; i < 100; ++i) {
        boost::asio::co_spawn(
            io.get_executor(),
            read_all(channel, context_with(clock, kPlenty)),
            [&](std::exception_ptr thrown, const Streamed& got) {
                complete += !thrown && !got.error && got.messages == list ? 1U : 0U;
            }
        );
    }
    io.run();
    CHECK(complete == 100);
}

TEST_CASE("one channel serves coroutines of several threads") {
    const ManualClock clock;
    GrpcTestServer server;
    server.on(kMethod, messages({"one", "two"}));
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    std::atomic<int> complete{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int call = 0; call < 25; ++call) {
                const RequestContext context = context_with(clock, kPlenty);
                const auto got =
                    run_coroutine<Streamed>([&] { return read_all(channel, context); });
                complete += !got.error && got.messages.size() == 2 ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(complete == 100);
}

TEST_CASE("a deadline in mid-stream keeps what came and reports the deadline") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript script = messages({"first"});
    script.stall = true;
    server.on(kMethod, script);
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    const auto got = run_coroutine<Streamed>([&] {
        return read_all(channel, context_with(clock, milliseconds(1'500)));
    });
    REQUIRE(got.error);
    CHECK(got.error->kind() == ErrorKind::kDeadline);
    CHECK(got.messages == std::vector<std::string>{"first"});
    CHECK(server.calls().at(0).time_left <= milliseconds(2'000));
    CHECK(server.wait_for_cancelled(1));
}

TEST_CASE("a deadline that has passed costs no call") {
    ManualClock clock;
    GrpcTestServer server;
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    RequestContext context = context_with(clock, milliseconds(10));
    clock.advance(milliseconds(11));
    const auto got = call_unary(channel, context);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().kind() == ErrorKind::kDeadline);
    CHECK(context.bill->of("jaeger").calls == 0);
}

TEST_CASE("cancelling the coroutine cancels the call at the server") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript script = messages({"first"});
    script.stall = true;
    server.on(kMethod, script);
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    boost::asio::cancellation_signal signal;
    const auto cancelling = [&]() -> Awaitable<Streamed> {
        const Executor executor = co_await boost::asio::this_coro::executor;
        const auto cancel_soon = [&signal, executor] {
            boost::asio::post(executor, [&signal] {
                signal.emit(boost::asio::cancellation_type::terminal);
            });
        };
        std::function<void()> after_message = cancel_soon;
        co_return co_await read_all(
            channel, context_with(clock, kPlenty), std::move(after_message)
        );
    };
    const auto got = run_coroutine<Streamed>(cancelling, &signal);
    REQUIRE(got.error);
    CHECK(got.error->kind() == ErrorKind::kCancelled);
    CHECK(got.messages.size() == 1);
    CHECK(server.wait_for_cancelled(1));
}

TEST_CASE("cancelled before the first wait, a call still ends as cancelled") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript script = messages({});
    script.stall = true;
    server.on(kMethod, script);
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    boost::asio::cancellation_signal signal;
    const auto cancelled = [&]() -> Awaitable<Streamed> {
        signal.emit(boost::asio::cancellation_type::terminal);
        return read_all(channel, context_with(clock, kPlenty));
    };
    const auto got = run_coroutine<Streamed>(cancelled, &signal);
    REQUIRE(got.error);
    CHECK(got.error->kind() == ErrorKind::kCancelled);
}

TEST_CASE("a stream that is dropped early is cancelled") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript script = messages({"first"});
    script.stall = true;
    server.on(kMethod, script);
    GrpcChannel channel(options_for(server.port()), make_runtime(), clock);
    const auto first_only = [&]() -> Awaitable<std::string> {
        Result<GrpcStream> stream =
            channel.server_stream(context_with(clock, kPlenty), kMethod, "");
        Result<std::optional<std::string>> message = co_await stream->next();
        co_return message->value();
    };
    CHECK(run_coroutine<std::string>(first_only) == "first");
    CHECK(server.wait_for_cancelled(1));
}

TEST_CASE("a channel that dies ends its calls; they report it when they run again") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript script = messages({"first"});
    script.stall = true;
    server.on(kMethod, script);
    auto channel = std::make_unique<GrpcChannel>(options_for(server.port()), make_runtime(), clock);
    std::function<void()> kill_soon;
    const auto outliving = [&]() -> Awaitable<Streamed> {
        const Executor executor = co_await boost::asio::this_coro::executor;
        kill_soon = [&channel, executor] {
            boost::asio::post(executor, [&channel] { channel.reset(); });
        };
        co_return co_await read_all(*channel, context_with(clock, kPlenty), kill_soon);
    };
    const auto got = run_coroutine<Streamed>(outliving);
    REQUIRE(got.error);
    CHECK(got.error->kind() == ErrorKind::kCancelled);
    CHECK(server.wait_for_cancelled(1));
}

TEST_CASE("credentials, custom headers and the request's own ids travel as metadata") {
    const ManualClock clock;
    GrpcTestServer server;
    server.on(kMethod, messages({"ok"}));
    GrpcChannelOptions options = options_for(server.port());
    options.credentials.type = AuthType::kBearer;
    options.credentials.token = Secret::literal("tok-123");
    options.custom_headers = {
        {"X-Tenant", "blue"}, {"Authorization", "Basic x"}, {"Content-Type", "text/x"}
    };
    GrpcChannel channel(options, make_runtime(), clock);
    RequestContext context = context_with(clock, kPlenty);
    context.request_id = "req-7";
    context.trace.trace = {0x0af7651916cd43dd, 0x8448eb211c80319c};
    context.trace.span = {0xb7ad6b7169203331};
    context.trace.sampled = true;
    REQUIRE(call_unary(channel, context).has_value());
    const auto metadata = server.calls().at(0).metadata;
    const auto value = [&](const char* name) {
        const auto found = metadata.find(name);
        return found == metadata.end() ? std::string("(absent)") : found->second;
    };
    CHECK(value("authorization") == "Bearer tok-123");
    CHECK(metadata.count("authorization") == 1);
    CHECK(value("x-tenant") == "blue");
    CHECK(value("x-request-id") == "req-7");
    CHECK(value("traceparent") == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    CHECK(value("tracestate") == "(absent)");
}

TEST_CASE("a refused credential is tried again only when the file holds another one") {
    ScratchDir dir;
    dir.write("token", "old");
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript refusal;
    refusal.status = 16;
    refusal.status_text = "token expired";
    server.on(kMethod, refusal);
    GrpcChannelOptions options = options_for(server.port());
    options.credentials.type = AuthType::kBearer;
    options.credentials.token = Secret::file(dir.path("token"), clock);
    GrpcChannel channel(options, make_runtime(), clock);
    CHECK(call_unary(channel, context_with(clock, kPlenty)).has_error());
    CHECK(server.calls().size() == 1);
    dir.write("token", "new");
    const auto got = call_unary(channel, context_with(clock, kPlenty));
    REQUIRE(got.has_error());
    CHECK(got.error().kind() == ErrorKind::kUpstreamAuth);
    const auto calls = server.calls();
    REQUIRE(calls.size() == 3);
    CHECK(calls[1].metadata.find("authorization")->second == "Bearer old");
    CHECK(calls[2].metadata.find("authorization")->second == "Bearer new");
}

TEST_CASE("what gRPC cannot carry is refused by name instead of aborting") {
    const ManualClock clock;
    GrpcChannelOptions options = options_for(1);
    SECTION("a header name") { options.custom_headers = {{"X Tenant", "blue"}}; }
    SECTION("a header value") { options.custom_headers = {{"x-tenant", "bl\nue"}}; }
    SECTION("a token") {
        options.credentials.type = AuthType::kBearer;
        options.credentials.token = Secret::literal("sec\nret");
    }
    GrpcChannel channel(options, make_runtime(), clock);
    const auto got = call_unary(channel, context_with(clock, kPlenty));
    REQUIRE_FALSE(got.has_value());
    const bool token = options.credentials.type == AuthType::kBearer;
    CHECK(got.error().kind() == (token ? ErrorKind::kUpstreamAuth : ErrorKind::kInvalidArgument));
    CHECK(
        got.error().hint().setting ==
        std::string("external_services.tracing.") + (token ? "auth" : "custom_headers")
    );
    CHECK(got.error().message().find("ret") == std::string::npos);
}

TEST_CASE("messages beyond gRPC's default of 4 MiB pass, beyond the own limit they are named") {
    const ManualClock clock;
    GrpcTestServer server;
    server.on(kMethod, messages({std::string(6'000'000, 'x')}));
    GrpcChannelOptions options = options_for(server.port());
    {
        GrpcChannel channel(options, make_runtime(), clock);
        CHECK(call_unary(channel, context_with(clock, kPlenty))->size() == 6'000'000);
    }
    options.max_message_bytes = 5UL * 1024 * 1024;
    GrpcChannel channel(options, make_runtime(), clock);
    const auto got = call_unary(channel, context_with(clock, kPlenty));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code() == "receive_limit");
    CHECK(got.error().message().find("5 MiB") != std::string::npos);
    CHECK(got.error().hint().setting == "meshscope.receive_limit_mb");
}
