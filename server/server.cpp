#include "server/server.hpp"

#include "server/tls_context.hpp"
#include "server/worker.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <iterator>
#include <latch>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace meshscope::server {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string spell(const std::string& address, std::uint16_t port) {
    const bool v6 = address.find(':') != std::string::npos;
    const std::string host = address.empty() ? "all interfaces"
                             : v6            ? "[" + address + "]"
                                             : address;
    return address.empty() ? "port " + std::to_string(port) + " on " + host
                           : host + ":" + std::to_string(port);
}

bool has_ipv6() {
    boost::asio::io_context context;
    error_code error;
    tcp::acceptor probe(context);
    probe.open(tcp::v6(), error);
    if (!error) {
        probe.bind(tcp::endpoint(tcp::v6(), 0), error);
    }
    return !error;
}

Result<tcp::endpoint> resolve(const std::string& address, std::uint16_t port) {
    if (address.empty()) {
        return tcp::endpoint(has_ipv6() ? tcp::v6() : tcp::v4(), port);
    }
    boost::asio::io_context context;
    tcp::resolver resolver(context);
    error_code error;
    const auto found = resolver.resolve(
        address,
        std::to_string(port),
        tcp::resolver::passive | tcp::resolver::numeric_service,
        error
    );
    if (error || found.empty()) {
        return Error(
            ErrorKind::kInternal,
            "cannot listen on " + spell(address, port) + ": the address is unknown (" +
                error.message() + ")"
        );
    }
    return found.begin()->endpoint();
}

// Every thread has a listening socket on the same port, which the kernel also allows to another
// program of this user: look first whether somebody is there.
error_code probe(const tcp::endpoint& endpoint) {
    boost::asio::io_context context;
    tcp::acceptor acceptor(context);
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (error) {
        return error;
    }
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (endpoint.protocol() == tcp::v6()) {
        acceptor.set_option(boost::asio::ip::v6_only(false), error);
    }
    acceptor.bind(endpoint, error);
    if (!error) {
        acceptor.listen(1, error);
    }
    return error;
}

class MetricsHandler {
 public:
    explicit MetricsHandler(const telemetry::MetricsRegistry& metrics) : metrics_(&metrics) {}

    Awaitable<Response> operator()(RequestContext, const Request&) const {
        Response response = Response::text(metrics_->expose());
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        co_return response;
    }

 private:
    const telemetry::MetricsRegistry* metrics_;
};

}  // namespace

struct Server::Impl {
    Impl(ServerOptions options, ServerParts server_parts)
        : metrics(server_parts.metrics), shared(std::move(options), std::move(server_parts)) {
        const std::size_t threads = std::max<std::size_t>(1, shared.options.threads);
        for (std::size_t i = 0; i < threads; ++i) {
            workers.push_back(std::make_unique<Worker>(shared));
        }
    }

    Result<> listen();
    Result<> start_workers();
    void add_gauge();

    telemetry::MetricsRegistry* metrics;
    Shared shared;
    std::vector<std::unique_ptr<Worker>> workers;
    std::uint16_t port = 0;
    bool running = false;
    std::mutex stop_mutex;
};

Result<> Server::Impl::listen() {
    const ServerOptions& options = shared.options;
    const Result<tcp::endpoint> wanted = resolve(options.address, options.port);
    if (!wanted) {
        return wanted.error();
    }
    tcp::endpoint endpoint = *wanted;
    error_code error;
    if (endpoint.port() != 0) {
        error = probe(endpoint);
    }
    for (const auto& worker : workers) {
        if (!error) {
            error = worker->listen(endpoint);
            endpoint.port(worker->local_endpoint().port());
        }
    }
    if (error) {
        return Error(
            ErrorKind::kInternal,
            "cannot listen on " + spell(options.address, options.port) + ": " + error.message()
        );
    }
    port = endpoint.port();
    return boost::system::in_place_value;
}

// All of them or none.
Result<> Server::Impl::start_workers() {
    std::size_t started = 0;
    try {
        for (; started < workers.size(); ++started) {
            workers[started]->start();
        }
        return boost::system::in_place_value;
    } catch (const std::system_error& error) {
        for (std::size_t i = 0; i < workers.size(); ++i) {
            i < started ? workers[i]->post_release() : workers[i]->close();
        }
        for (const auto& worker : workers) {
            worker->join();
        }
        return Error(
            ErrorKind::kInternal,
            "cannot start thread " + std::to_string(started + 1) + " of " +
                std::to_string(workers.size()) + " that serve: " + error.what()
        );
    }
}

void Server::Impl::add_gauge() {
    if (metrics != nullptr) {
        metrics->add_gauge(
            "connections",
            "Open connections, by listener.",
            "listener",
            shared.options.name,
            [this] { return static_cast<double>(shared.connections.load()); }
        );
    }
}

Server::Server(ServerOptions options, ServerParts parts)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(parts))) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Result<> Server::start() {
    if (const TlsFiles* files = impl_->shared.options.tls.get()) {
        Result<std::shared_ptr<TlsContext>> tls = TlsContext::load(
            *files, impl_->shared.dispatcher.clock(), impl_->shared.dispatcher.logger()
        );
        if (!tls) {
            return tls.error();
        }
        impl_->shared.tls = *tls;
    }
    if (Result<> listening = impl_->listen(); !listening) {
        return listening;
    }
    if (Result<> started = impl_->start_workers(); !started) {
        return started;
    }
    impl_->running = true;
    impl_->add_gauge();
    return boost::system::in_place_value;
}

std::uint16_t Server::port() const { return impl_->port; }

std::vector<Executor> Server::executors() const {
    std::vector<Executor> all;
    for (const auto& worker : impl_->workers) {
        all.push_back(worker->executor());
    }
    return all;
}

void Server::drain(std::chrono::milliseconds grace) {
    if (!impl_->running) {
        return;
    }
    impl_->shared.draining = true;
    // Connections that wait to be accepted are counted only when every thread has taken its own.
    const auto all_heard = std::make_shared<std::latch>(std::ssize(impl_->workers));
    for (const auto& worker : impl_->workers) {
        worker->post_drain(all_heard);
    }
    all_heard->wait();
    while (!impl_->shared.wait_until_idle(grace)) {
        for (const auto& worker : impl_->workers) {
            worker->post_cancel();
        }
        grace = std::chrono::milliseconds(200);
    }
}

void Server::stop(std::chrono::milliseconds grace) {
    const std::scoped_lock lock(impl_->stop_mutex);
    if (!impl_->running) {
        return;
    }
    drain(grace);
    for (const auto& worker : impl_->workers) {
        worker->post_release();
    }
    for (const auto& worker : impl_->workers) {
        worker->join();
    }
    if (impl_->metrics != nullptr) {
        impl_->metrics->remove_gauge("connections", impl_->shared.options.name);
    }
    impl_->running = false;
}

std::shared_ptr<const Router> metrics_router(const telemetry::MetricsRegistry& metrics) {
    auto router = std::make_shared<Router>();
    router->add(Method::kGet, "/{path...}", MetricsHandler(metrics), RouteOptions{.quiet = true});
    return router;
}

}  // namespace meshscope::server
