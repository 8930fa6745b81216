#include "clients/kubernetes/connection.hpp"

#include <chrono>

namespace meshscope::clients::kubernetes {

namespace {

// An API server gives up on most requests after a minute.
constexpr std::chrono::seconds kLongestSilence{60};

HttpClientOptions options_without_identity(const Connection& connection) {
    HttpClientOptions options;
    options.upstream = "kubernetes";
    options.url_setting = connection.setting;
    options.base = connection.server;
    options.base.userinfo.clear();
    options.tls = connection.tls;
    options.tls.client_certificate = Secret::none();
    options.tls.client_key = Secret::none();
    options.proxy = connection.proxy;
    options.tracer = connection.tracer;
    options.limits.header_timeout = kLongestSilence;
    return options;
}

}  // namespace

HttpClientOptions server_options(const Connection& connection) {
    HttpClientOptions options = options_without_identity(connection);
    options.base = connection.server;
    options.tls = connection.tls;
    options.credentials = connection.credentials;
    options.authorizer = connection.authorizer;
    return options;
}

HttpClientOptions caller_options(const Connection& connection) {
    return options_without_identity(connection);
}

}  // namespace meshscope::clients::kubernetes
