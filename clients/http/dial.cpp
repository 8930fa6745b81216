#include "clients/http/dial.hpp"

#include "async/with_deadline.hpp"
#include "clients/http/plain_transport.hpp"
#include "clients/http/response_reader.hpp"
#include "clients/http/socket.hpp"
#include "clients/http/tls_transport.hpp"
#include "core/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace meshscope::clients {
namespace asio = boost::asio;
using boost::system::error_code;
using Endpoint = asio::ip::tcp::endpoint;

namespace {

Deadline in(std::chrono::milliseconds duration) {
    return Deadline::after(std::chrono::steady_clock::now(), duration);
}

std::string text_of(const Endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    const std::string port = ":" + std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? "[" + address + "]" + port : address + port;
}

std::string in_words(std::chrono::milliseconds duration) {
    return std::to_string(duration.count()) + " ms";
}

Fault unresolved(const std::string& host, const error_code& error) {
    Fault fault;
    fault.cause = "cannot resolve the host name '" + host + "'";
    fault.setting = kUrlSetting;
    fault.advice = "check the host name, and the DNS of this host or pod";
    fault.where = error.message();
    fault.known = Cause::kDns;
    return fault;
}

Fault not_allowed(const Endpoint& endpoint) {
    Fault fault;
    fault.kind = ErrorKind::kForbidden;
    fault.cause = "the address " + endpoint.address().to_string() + " must not be called";
    return fault;
}

// A peer that is gone without a word is found out within a minute, also by who only reads.
void notice_dead_peers(Socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const auto set = [&](int option, int value) {
        ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof(value));
    };
    set(TCP_KEEPIDLE, 30);
    set(TCP_KEEPINTVL, 10);
    set(TCP_KEEPCNT, 3);
    set(TCP_USER_TIMEOUT, 60'000);
}

Awaitable<error_code> connect(Socket& socket, Endpoint endpoint) {
    error_code error;
    co_await socket.async_connect(endpoint, asio::redirect_error(use_awaitable, error));
    co_return error;
}

Awaitable<std::variant<Socket, Fault>> connect_any(
    std::vector<Endpoint> endpoints, std::chrono::milliseconds timeout
) {
    const Executor executor = co_await asio::this_coro::executor;
    Fault last;
    last.cause = "the host name has no address";
    std::string tried;
    for (const Endpoint& endpoint : endpoints) {
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return cancelled_fault();
        }
        Socket socket(executor);
        Awaitable<error_code> connecting = connect(socket, endpoint);
        const auto outcome = co_await bounded<error_code>(in(timeout), std::move(connecting));
        if (!outcome.value) {
            error_code ignored;
            socket.set_option(asio::ip::tcp::no_delay(true), ignored);
            notice_dead_peers(socket);
            co_return std::move(socket);
        }
        last = explain_socket(outcome.value);
        if (outcome.deadline_passed) {
            last = Fault{};
            last.cause = "no connection within " + in_words(timeout);
            last.known = Cause::kSilent;
            last.setting = kUrlSetting;
            last.advice = "check host and port, and the network policies on the way";
        } else if (last.kind == ErrorKind::kCancelled) {
            co_return last;
        }
        tried += (tried.empty() ? "" : "; ") + text_of(endpoint) + ": " + last.cause;
    }
    last.where = tried.substr(0, 400);
    co_return last;
}

// Reads the proxy's answer to CONNECT, not a byte more.
Awaitable<std::optional<Fault>> read_tunnel_answer(
    Socket& socket, ResponseReader& reader, std::string proxy
) {
    char byte = 0;
    while (!reader.done()) {
        error_code error;
        co_await socket.async_read_some(
            asio::buffer(&byte, 1), asio::redirect_error(use_awaitable, error)
        );
        std::optional<Fault> fault =
            error ? reader.end(false, explain_socket(error)) : reader.feed({&byte, 1});
        if (fault) {
            co_return fault;
        }
    }
    const unsigned status = reader.response().status;
    if (status / 100 == 2) {
        co_return std::nullopt;
    }
    Fault refused;
    refused.cause =
        "the proxy " + proxy + " refuses the tunnel with status " + std::to_string(status);
    refused.advice = status == 407 ? "put user and password of the proxy into HTTPS_PROXY"
                                   : "check HTTPS_PROXY and NO_PROXY";
    co_return refused;
}

Awaitable<std::optional<Fault>> open_tunnel(Socket& socket, Url target, Url proxy) {
    const std::string host =
        target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]";
    const std::string place = host + ":" + std::to_string(target.port_or_default());
    std::string head = "CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n";
    if (const std::string value = basic_from_userinfo(proxy); !value.empty()) {
        head += "Proxy-Authorization: " + value + "\r\n";
    }
    head += "\r\n";
    error_code error;
    co_await asio::async_write(
        socket, asio::buffer(head), asio::redirect_error(use_awaitable, error)
    );
    if (error) {
        co_return explain_socket(error);
    }
    ResponseExpectation expectation;
    expectation.no_body = true;
    ResponseReader reader(HttpLimits{}, expectation);
    co_return co_await read_tunnel_answer(socket, reader, proxy.host_header());
}

Fault too_slow(const char* what, std::chrono::milliseconds timeout) {
    Fault fault;
    fault.cause = std::string(what) + " took longer than " + in_words(timeout);
    return fault;
}

}  // namespace

std::string basic_from_userinfo(const Url& url) {
    if (url.userinfo.empty()) {
        return "";
    }
    const auto decoded = percent_decode(url.userinfo, false);
    std::string text = decoded ? *decoded : url.userinfo;
    if (text.find(':') == std::string::npos) {
        text += ':';
    }
    return "Basic " + base64_encode(text);
}

Awaitable<Dialled> dial(DialPlan plan) {
    const Url& first = plan.proxy ? *plan.proxy : plan.target;
    plan.progress->stage = "while resolving the host name";
    Resolved resolved = co_await resolve(plan.lookup, first.host, first.port_or_default());
    if (resolved.error == asio::error::operation_aborted) {
        co_return cancelled_fault();
    }
    if (resolved.error || resolved.endpoints.empty()) {
        co_return unresolved(first.host, resolved.error);
    }
    if (plan.may_connect && !plan.proxy) {
        for (const Endpoint& endpoint : resolved.endpoints) {
            if (!plan.may_connect(endpoint.address().to_string())) {
                co_return not_allowed(endpoint);
            }
        }
    }
    plan.progress->stage = "while connecting";
    auto connected =
        co_await connect_any(std::move(resolved.endpoints), plan.limits.connect_timeout);
    if (auto* fault = std::get_if<Fault>(&connected)) {
        co_return std::move(*fault);
    }
    Socket socket = std::move(std::get<Socket>(connected));
    if (!plan.target.https) {
        co_return make_plain_transport(std::move(socket));
    }
    if (plan.proxy) {
        plan.progress->stage = "while the proxy opens the tunnel";
        auto opening = open_tunnel(socket, plan.target, *plan.proxy);
        auto opened = co_await bounded<std::optional<Fault>>(
            in(plan.limits.connect_timeout), std::move(opening)
        );
        if (opened.deadline_passed) {
            co_return too_slow("the proxy's tunnel", plan.limits.connect_timeout);
        }
        if (opened.value) {
            co_return std::move(*opened.value);
        }
    }
    const bool cancelled = co_await is_cancelled();
    if (cancelled) {
        co_return cancelled_fault();
    }
    plan.progress->stage = "during the TLS handshake";
    std::string name = plan.server_name.empty() ? plan.target.host : plan.server_name;
    auto shaking = start_tls(std::move(socket), *plan.tls, std::move(name), plan.skip_verify);
    auto shaken = co_await bounded<Dialled>(in(plan.limits.connect_timeout), std::move(shaking));
    if (shaken.deadline_passed) {
        co_return too_slow("the TLS handshake", plan.limits.connect_timeout);
    }
    co_return std::move(shaken.value);
}

}  // namespace meshscope::clients
