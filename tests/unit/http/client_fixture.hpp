#pragma once

#include "clients/http/http_client.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_server.hpp"

#include <string>
#include <utility>

namespace meshscope::test {

inline Deadline in(std::chrono::nanoseconds duration) {
    return Deadline::after(std::chrono::steady_clock::now(), duration);
}

// A client of one address, on an io_context that runs while a call is made.
struct ClientFixture {
    explicit ClientFixture(const std::string& url) {
        options.upstream = "jaeger";
        options.setting_prefix = "external_services.tracing";
        options.base = *clients::parse_url(url);
        options.use_proxy_environment = false;
        context.deadline = in(kPatience);
        context.request_id = "req-1";
    }

    clients::HttpClient& client() {
        if (!made) {
            made.emplace(options, clock);
        }
        return *made;
    }
    Result<clients::HttpResponse> send(clients::HttpRequest request) {
        return run(io, client().send(context, std::move(request)));
    }
    Result<clients::HttpResponse> get(std::string target = "/api/services") {
        clients::HttpRequest request;
        request.target = std::move(target);
        return send(std::move(request));
    }
    const UpstreamCost& cost() { return context.bill->of("jaeger"); }

    clients::HttpClientOptions options;
    ManualClock clock;
    RequestContext context;
    boost::asio::io_context io;
    std::optional<clients::HttpClient> made;
};

}  // namespace meshscope::test
