#pragma once

#include "clients/kubernetes/api_client.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

inline std::shared_ptr<const CallerCredentials> credentials_of(std::string token) {
    auto made = std::make_shared<CallerCredentials>();
    made->key = "key of " + token;
    made->token = std::move(token);
    return made;
}

// The value of a header in a request as the scripted server saw it; "none" when it is not there.
inline std::string header_of(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
        return "none";
    }
    const std::size_t from = at + name.size() + 4;
    return request.substr(from, request.find("\r\n", from) - from);
}

inline std::string target_of(const std::string& request) {
    const std::size_t from = request.find(' ') + 1;
    return request.substr(from, request.find(' ', from) - from);
}

inline std::string json_answer(
    std::string_view body, int status = 200, std::string_view extra = ""
) {
    return http_answer(body, "Content-Type: application/json\r\n" + std::string(extra), status);
}

inline std::string status_body(int code, const std::string& reason, const std::string& message) {
    return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" +
           message + R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}";
}

// A script that answers every request with what `handler` says to its text.
inline ScriptedServer::Script each(std::function<std::string(const std::string&)> handler) {
    return [handler = std::move(handler)](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            if (!peer.send(handler(request))) {
                return;
            }
        }
    };
}

// An API server's client on an io_context that runs while a call is made.
struct ApiFixture {
    explicit ApiFixture(const std::string& url) {
        connection.source = "a test";
        connection.setting = "meshscope.kubernetes.kubeconfig";
        connection.server = *clients::parse_url(url);
        connection.credentials.type = clients::AuthType::kBearer;
        connection.credentials.token = clients::Secret::literal("servers-token");
        context.deadline = Deadline::after(std::chrono::steady_clock::now(), kPatience);
        context.caller.credentials = credentials_of("callers-token");
    }

    clients::kubernetes::ApiClient& api() {
        if (!made) {
            made.emplace(connection, clock, [this](const std::string& text) {
                warnings.push_back(text);
            });
        }
        return *made;
    }
    Result<clients::HttpResponse> call(clients::kubernetes::ApiRequest request) {
        return run(io, api().call(context, std::move(request)));
    }
    Result<clients::HttpResponse> get(std::string target, bool as_server = true) {
        clients::kubernetes::ApiRequest request;
        request.target = std::move(target);
        request.as_server = as_server;
        return call(std::move(request));
    }
    // Bounded as a whole: what knocks again and again would go on for ever.
    bool until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        io.restart();
        while (!condition()) {
            if (io.run_one_until(end) == 0) {
                return false;
            }
        }
        return true;
    }

    clients::kubernetes::Connection connection;
    ManualClock clock;
    RequestContext context;
    std::vector<std::string> warnings;
    boost::asio::io_context io;
    std::optional<clients::kubernetes::ApiClient> made;
};

}  // namespace meshscope::test
