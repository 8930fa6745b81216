#include "config/kubeconfig.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

// Any bytes are a kubeconfig or a clear error. What resolves is sound: a server, at most one way to
// log in beside a certificate, a certificate with its key, nobody impersonated by halves. A second
// file of the same text changes nothing.
namespace {

using meshscope::config::KubeContext;

void demand(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

void check(const KubeContext& context) {
    demand(context.server.starts_with("http"));
    demand(context.ca_file.empty() || context.ca_pem.empty());
    if (context.insecure_skip_tls_verify) {
        demand(context.ca_file.empty() && context.ca_pem.empty());
    }
    const bool has_token = !context.token.empty() || !context.token_file.empty();
    const bool has_password = !context.username.empty() || !context.password.empty();
    demand((has_token ? 1 : 0) + (has_password ? 1 : 0) + (context.exec ? 1 : 0) <= 1);
    const bool has_certificate =
        !context.certificate_file.empty() || !context.certificate_pem.empty();
    demand(has_certificate == (!context.key_file.empty() || !context.key_pem.empty()));
    if (context.as_user.empty()) {
        demand(context.as_uid.empty() && context.as_groups.empty() && context.as_extra.empty());
    }
    demand(!context.exec || !context.exec->command.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope::config;
    const KubeconfigFile file{
        "/kube/config", std::string(reinterpret_cast<const char*>(data), size)
    };
    const auto context = resolve_kubeconfig({file}, "");
    const auto twice = resolve_kubeconfig({file, file}, "");
    demand(context.has_value() == twice.has_value());
    if (context.has_value()) {
        check(*context);
        demand(twice->server == context->server && twice->token == context->token);
    } else {
        demand(!context.error().message().empty());
    }
    return 0;
}
