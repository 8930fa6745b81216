#include "tests/unit/server/test_server.hpp"

#include "async/with_deadline.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "server/live_body.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace meshscope::test {

using server::Method;
using server::Request;
using server::Response;

void LogLines::add(std::string_view line) {
    const std::scoped_lock lock(mutex_);
    lines_.emplace_back(line);
}

std::vector<std::string> LogLines::all() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

std::string LogLines::find(std::string_view text) const {
    for (const std::string& line : all()) {
        if (line.find(text) != std::string::npos) {
            return line;
        }
    }
    return {};
}

bool LogLines::holds(std::string_view text) const { return !find(text).empty(); }

std::string LogLines::wait_for(std::string_view text) const {
    std::string line;
    TestServer::eventually([&] { return !(line = find(text)).empty(); });
    return line;
}

std::string sample_text(std::size_t size) {
    std::string text;
    text.reserve(size + 64);
    for (std::size_t i = 0; text.size() < size; ++i) {
        text += R"({"operation":"reviews.bookinfo.svc.cluster.local:9080/*","number":)" +
                std::to_string(i * 2654435761U) + "}";
    }
    text.resize(size);
    return text;
}

struct TestServer::Impl {
    LogLines log;
    telemetry::Logger logger;
    telemetry::MetricsRegistry metrics;
    std::atomic<bool> released{false};
    std::atomic<int> waiting{0};
    std::atomic<int> cancelled{0};
    std::atomic<int> handled{0};
    std::atomic<int> ended{0};
    std::unique_ptr<server::Server> server;

    Impl()
        : logger(
              {.level = telemetry::LogLevel::kDebug,
               .format = telemetry::LogFormat::kText,
               .clock = nullptr,
               .sink = [this](std::string_view line) { log.add(line); }}
          ) {}

    void add_plain_routes(server::Router& router);
    void add_body_routes(server::Router& router);
    void add_live_routes(server::Router& router);
    Awaitable<Response> wait();
};

namespace {

std::size_t size_of(const Request& request) {
    return static_cast<std::size_t>(std::stoul(std::string(request.path_parameter("size"))));
}

Response context_json(const RequestContext& context, const Request& request) {
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .field("requestId", context.request_id)
        .field("trace", context.trace.trace.to_hex())
        .field("span", context.trace.span.to_hex())
        .field("sampled", context.trace.sampled)
        .field("state", context.trace.state)
        .field("peer", request.peer)
        .field("tls", request.tls)
        .end_object();
    return Response::json(std::move(body));
}

server::BodySource stream_of(std::size_t size) {
    return [text = sample_text(size), at = std::size_t{0}](std::string& out) mutable {
        const std::string_view piece = std::string_view(text).substr(at, 10'000);
        out += piece;
        at += piece.size();
        return at < text.size();
    };
}

struct LiveCounts {
    std::atomic<bool>& released;
    std::atomic<int>& waiting;
    std::atomic<int>& cancelled;
    std::atomic<int>& ended;
};

// One piece, then a wait, and so on. With a size of 0 it throws instead of the second piece.
class Ticks final : public server::LiveBody {
 public:
    Ticks(std::size_t size, LiveCounts counts) : size_(size), counts_(counts) {}

    Awaitable<bool> next(std::string& out) override {
        SteadyTimer timer(co_await boost::asio::this_coro::executor);
        ++counts_.waiting;
        if (pieces_++ > 0) {
            timer.expires_after(std::chrono::milliseconds(2));
            auto [error] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
            counts_.cancelled += error ? 1 : 0;
        }
        --counts_.waiting;
        if (size_ == 0 && pieces_ > 1) {
            throw std::runtime_error("planted failure in a live body");
        }
        out = counts_.released ? "end" : std::string(std::max<std::size_t>(size_, 1), '.');
        co_return !counts_.released;
    }
    Awaitable<> end() override {
        ++counts_.ended;
        co_return;
    }

 private:
    std::size_t size_;
    LiveCounts counts_;
    int pieces_ = 0;
};

}  // namespace

void TestServer::Impl::add_plain_routes(server::Router& router) {
    const auto health = [this](RequestContext, const Request&) -> Awaitable<Response> {
        ++handled;
        co_return Response::empty(200);
    };
    router.add(Method::kGet, "/healthz", health, {.quiet = true});
    const auto hello = [this](RequestContext, const Request&) -> Awaitable<Response> {
        ++handled;
        co_return Response::json(R"({"hello":"world"})");
    };
    router.add(Method::kGet, "/hello", hello);
    router.add(Method::kGet, "/", hello);
    const auto item = [this](RequestContext, const Request& request) -> Awaitable<Response> {
        ++handled;
        co_return Response::text(std::string(request.path_parameter("id")));
    };
    router.add(Method::kGet, "/items/{id}", item);
    const auto context = [this](RequestContext ctx, const Request& request) -> Awaitable<Response> {
        ++handled;
        co_return context_json(ctx, request);
    };
    router.add(Method::kGet, "/context", context);
    const auto query = [this](RequestContext, const Request& request) -> Awaitable<Response> {
        ++handled;
        std::string text;
        for (const auto& [name, value] : request.query.items) {
            text += name + "=" + value + "\n";
        }
        co_return Response::text(text);
    };
    router.add(Method::kGet, "/query", query);
}

void TestServer::Impl::add_body_routes(server::Router& router) {
    const auto echo = [this](RequestContext, const Request& request) -> Awaitable<Response> {
        ++handled;
        co_return Response::text(request.body);
    };
    router.add(Method::kPost, "/echo", echo);
    const auto text = [this](RequestContext, const Request& request) -> Awaitable<Response> {
        ++handled;
        co_return Response::json(sample_text(size_of(request)));
    };
    router.add(Method::kGet, "/text/{size}", text);
    const auto stream = [this](RequestContext, const Request& request) -> Awaitable<Response> {
        ++handled;
        co_return Response::stream(stream_of(size_of(request)));
    };
    router.add(Method::kGet, "/stream/{size}", stream);
    const auto broken = [](RequestContext, const Request&) -> Awaitable<Response> {
        throw std::runtime_error("planted failure");
        co_return Response::empty(200);
    };
    router.add(Method::kGet, "/throw", broken);
    const auto broken_stream = [](RequestContext, const Request&) -> Awaitable<Response> {
        co_return Response::stream([first = true](std::string& out) mutable {
            if (!first) {
                throw std::runtime_error("planted failure in a body");
            }
            first = false;
            out.append(100'000, 'x');
            return true;
        });
    };
    router.add(Method::kGet, "/stream-throws", broken_stream);
    const auto waiter = [this](RequestContext, const Request&) { return wait(); };
    router.add(Method::kGet, "/wait", waiter);
}

void TestServer::Impl::add_live_routes(server::Router& router) {
    const auto live = [this](RequestContext, const Request& request) -> Awaitable<Response> {
        const bool sized = !request.path_parameters.empty();
        const LiveCounts counts{released, waiting, cancelled, ended};
        auto ticks = std::make_shared<Ticks>(sized ? size_of(request) : 0, counts);
        ++handled;
        co_return Response::live("text/event-stream", std::move(ticks));
    };
    router.add(Method::kGet, "/live/{size}", live);
    router.add(Method::kGet, "/live-throws", live);
}

Awaitable<Response> TestServer::Impl::wait() {
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    ++waiting;
    while (!released) {
        timer.expires_after(std::chrono::milliseconds(5));
        auto [error] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
        if (error) {
            ++cancelled;
            --waiting;
            co_return Response::text("cancelled", 500);
        }
    }
    --waiting;
    ++handled;
    co_return Response::text("released");
}

TestServer::TestServer(const Change& change, const Clock* clock, telemetry::Tracer* tracer)
    : impl_(std::make_unique<Impl>()) {
    auto router = std::make_shared<server::Router>();
    impl_->add_plain_routes(*router);
    impl_->add_body_routes(*router);
    impl_->add_live_routes(*router);
    server::ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    if (change) {
        change(options);
    }
    server::ServerParts parts;
    parts.router = std::move(router);
    parts.clock = clock;
    parts.logger = &impl_->logger;
    parts.metrics = &impl_->metrics;
    parts.tracer = tracer;
    impl_->server = std::make_unique<server::Server>(std::move(options), std::move(parts));
    if (const Result<> started = impl_->server->start(); !started) {
        throw std::runtime_error(started.error().message());
    }
}

TestServer::~TestServer() {
    impl_->released = true;
    impl_->server->stop(std::chrono::seconds(5));
}

std::uint16_t TestServer::port() const { return impl_->server->port(); }
server::Server& TestServer::server() { return *impl_->server; }
telemetry::MetricsRegistry& TestServer::metrics() { return impl_->metrics; }
LogLines& TestServer::log() { return impl_->log; }
void TestServer::release() { impl_->released = true; }
int TestServer::waiting() const { return impl_->waiting; }
int TestServer::cancelled() const { return impl_->cancelled; }
int TestServer::ended() const { return impl_->ended; }
int TestServer::handled() const { return impl_->handled; }

bool TestServer::eventually(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
        if (std::chrono::steady_clock::now() > limit) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace meshscope::test
