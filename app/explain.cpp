#include "app/explain.hpp"

#include "app/discovery.hpp"
#include "app/tracing.hpp"
#include "business/store_url.hpp"

#include <string>
#include <utility>

namespace meshscope::app {

namespace {

using Transport = clients::StoreTarget::Transport;

Transport transport_of(config::Transport transport) {
    switch (transport) {
        case config::Transport::kGrpc:
            return Transport::kGrpc;
        case config::Transport::kHttp:
            return Transport::kHttp;
        case config::Transport::kGrpcThenHttp:
            break;
    }
    return Transport::kGrpcThenHttp;
}

}  // namespace

business::StoreSetup store_setup(
    const config::Config& config, const config::TracingTarget& target
) {
    business::StoreSetup setup;
    const auto url = business::read_store_url(target.internal_url);
    setup.url = url ? url->to_string() : std::string();  // user and password are never shown
    setup.url_key = target.internal_key;
    setup.transport = transport_of(target.transport);
    setup.auth_type = config.external_services.tracing.auth.type;
    setup.receive_limit_mb = config.meshscope.receive_limit_mb;
    setup.app_label = config.istio_labels.app_label_name;
    return setup;
}

std::shared_ptr<const business::Explain> make_explain(
    const config::Config& config,
    const config::TracingTarget& target,
    business::Explain::Parts parts
) {
    parts.unavailable = tracing_unavailable(target);
    parts.discovery = discovery(config);
    parts.setup = store_setup(config, target);
    return std::make_shared<const business::Explain>(std::move(parts));
}

std::shared_ptr<const business::Diagnose> make_diagnose(
    const config::Config& config,
    const config::TracingTarget& target,
    business::Diagnose::Parts parts
) {
    parts.setup = store_setup(config, target);
    return std::make_shared<const business::Diagnose>(std::move(parts));
}

}  // namespace meshscope::app
