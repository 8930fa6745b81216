#include "clients/http/proxy.hpp"

#include "core/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <cstdlib>

namespace meshscope::clients {
namespace ip = boost::asio::ip;

namespace {

std::string variable(const char* lower, const char* upper) {
    const char* value = std::getenv(lower);
    if (value == nullptr || *value == '\0') {
        value = std::getenv(upper);
    }
    return value == nullptr ? "" : value;
}

bool is_loopback(const std::string& host) {
    boost::system::error_code error;
    const ip::address address = ip::make_address(host, error);
    return host == "localhost" || (!error && address.is_loopback());
}

bool in_network(const std::string& host, const std::string& network) {
    boost::system::error_code error;
    const ip::address address = ip::make_address(host, error);
    if (error) {
        return false;
    }
    if (address.is_v4()) {
        const ip::network_v4 range = ip::make_network_v4(network, error);
        return !error && (ip::network_v4(address.to_v4(), range.prefix_length()).canonical() ==
                          range.canonical());
    }
    const ip::network_v6 range = ip::make_network_v6(network, error);
    return !error && (ip::network_v6(address.to_v6(), range.prefix_length()).canonical() ==
                      range.canonical());
}

bool matches(const Url& target, std::string_view entry) {
    if (entry == "*") {
        return true;
    }
    if (entry.find('/') != std::string_view::npos) {
        return in_network(target.host, std::string(entry));
    }
    std::string host = to_lower(entry);
    boost::system::error_code not_an_address;
    ip::make_address(host, not_an_address);
    if (not_an_address) {
        const std::size_t colon = host.rfind(':');
        if (colon != std::string::npos) {
            if (host.substr(colon + 1) != std::to_string(target.port_or_default())) {
                return false;
            }
            host.resize(colon);
        }
        if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
            host = host.substr(1, host.size() - 2);
        }
    }
    if (host.starts_with("*.")) {
        host.erase(0, 1);
    }
    if (host.starts_with('.')) {
        return target.host.ends_with(host) || target.host == host.substr(1);
    }
    return !host.empty() && (target.host == host || target.host.ends_with("." + host));
}

}  // namespace

ProxySettings ProxySettings::from_environment() {
    return {
        variable("http_proxy", "HTTP_PROXY"),
        variable("https_proxy", "HTTPS_PROXY"),
        variable("no_proxy", "NO_PROXY")
    };
}

Result<std::optional<Url>> proxy_for(const Url& target, const ProxySettings& settings) {
    const std::string& text = target.https ? settings.https : settings.http;
    std::optional<Url> none;
    if (text.empty() || is_loopback(target.host)) {
        return none;
    }
    for (const std::string_view entry : split(settings.no_proxy, ',')) {
        if (const std::string_view word = trim(entry); !word.empty() && matches(target, word)) {
            return none;
        }
    }
    const std::string name = target.https ? "HTTPS_PROXY" : "HTTP_PROXY";
    const bool has_scheme = text.find("://") != std::string::npos;
    Result<Url> proxy = parse_url(has_scheme ? text : "http://" + text);
    if (!proxy) {
        return Error(ErrorKind::kInvalidArgument, name + " is " + proxy.error().message());
    }
    if (proxy->https) {
        return Error(
            ErrorKind::kInvalidArgument,
            name + " names a proxy that is spoken to over TLS; only http:// proxies are supported"
        );
    }
    proxy->path.clear();
    return std::optional<Url>(std::move(*proxy));
}

}  // namespace meshscope::clients
