#include "app/exec_credentials.hpp"

#include "clients/credentials/credential_program.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace meshscope::app {

namespace {

std::string authority_of(const config::KubeContext& context) {
    if (context.ca_file.empty()) {
        return context.ca_pem;
    }
    std::ifstream file(context.ca_file, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What the program is told in KUBERNETES_EXEC_INFO.
std::string info_of(const config::KubeContext& context) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("kind", "ExecCredential");
    json.field("apiVersion", context.exec->api_version);
    json.key("spec").begin_object().field("interactive", false);
    if (context.exec->provide_cluster_info) {
        json.key("cluster").begin_object().field("server", context.server);
        if (!context.tls_server_name.empty()) {
            json.field("tls-server-name", context.tls_server_name);
        }
        if (context.insecure_skip_tls_verify) {
            json.field("insecure-skip-tls-verify", true);
        }
        if (const std::string authority = authority_of(context); !authority.empty()) {
            json.field("certificate-authority-data", base64_encode(authority));
        }
        if (!context.proxy_url.empty()) {
            json.field("proxy-url", context.proxy_url);
        }
        json.end_object();
    }
    json.end_object().end_object();
    return text;
}

}  // namespace

clients::Secret token_by_program(const config::KubeContext& context, const Clock& clock) {
    const config::KubeExec& exec = *context.exec;
    clients::CredentialProgramOptions options;
    options.program.command = {exec.command};
    options.program.command.insert(
        options.program.command.end(), exec.args.begin(), exec.args.end()
    );
    options.program.environment = exec.env;
    options.program.environment.emplace_back("KUBERNETES_EXEC_INFO", info_of(context));
    options.api_version = exec.api_version;
    options.install_hint = exec.install_hint;
    return clients::Secret::from(
        std::make_shared<clients::CredentialProgram>(std::move(options), clock)
    );
}

}  // namespace meshscope::app
