#include "business/diagnose_plan.hpp"

#include "business/store_url.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoreTarget;
using Transport = StoreTarget::Transport;
using With = StoreTarget::With;

constexpr std::uint16_t kGrpcPort = 16685;
constexpr std::uint16_t kHttpPort = 16686;
constexpr std::array<std::uint16_t, 4> kPorts{kGrpcPort, kHttpPort, 80, 443};
constexpr std::array<std::string_view, 4> kNameLabels{
    "app", "app.kubernetes.io/name", "app.kubernetes.io/part-of", "app.kubernetes.io/component"
};

class Plan {
 public:
    explicit Plan(const StoreSetup& setup) : setup_(setup), configured_(read_store_url(setup.url)) {
        if (configured_) {
            add_configured();
            for (const std::uint16_t port : kPorts) {
                add(configured_->host, port);
            }
        }
    }

    void add_service(const models::Service& service) {
        const std::string host = service.meta.name + "." + service.meta.ns;
        for (const std::uint16_t port : kPorts) {
            const bool there = std::any_of(
                service.ports.begin(),
                service.ports.end(),
                [port](const models::ServicePort& one) { return one.port == port; }
            );
            if (there) {
                add(host, port);
            }
        }
    }

    [[nodiscard]] std::vector<PlannedPlace> take() { return std::move(places_); }

 private:
    [[nodiscard]] With with_at(const StoreUrl& url) const {
        // gRPC without a port is another place than what it says: nothing is sent there.
        const bool same = configured_ && url.https == configured_->https &&
                          url.host == configured_->host && url.port == configured_->port;
        return same ? With::kConfigured : With::kNothing;
    }

    void add_try(PlannedPlace& place, StoreUrl url, std::string path, Transport transport) const {
        url.path = std::move(path);
        StoreTarget target;
        target.url = url.to_string();
        target.transport = transport;
        target.with = with_at(url);
        const bool there =
            std::any_of(place.tries.begin(), place.tries.end(), [&](const StoreTarget& one) {
                return one.url == target.url && one.transport == target.transport;
            });
        if (!there) {
            place.tries.push_back(std::move(target));
        }
    }

    void add_http(PlannedPlace& place, const StoreUrl& url) const {
        if (configured_) {
            add_try(place, url, configured_->path, Transport::kHttp);
        }
        add_try(place, url, "", Transport::kHttp);
        add_try(place, url, "/jaeger", Transport::kHttp);
    }

    void add_configured() {
        PlannedPlace place;
        StoreUrl bare = *configured_;
        bare.path.clear();
        place.place = bare.to_string();
        if (setup_.transport != Transport::kGrpcThenHttp) {
            add_try(place, *configured_, configured_->path, setup_.transport);
        }
        add_try(place, *configured_, configured_->path, Transport::kGrpc);
        add_http(place, *configured_);
        places_.push_back(std::move(place));
    }

    void add(const std::string& host, std::uint16_t port) {
        StoreUrl url;
        url.host = host;
        url.port = port;
        url.https = port == 443;
        PlannedPlace place;
        place.place = url.to_string();
        const bool there =
            std::any_of(places_.begin(), places_.end(), [&](const PlannedPlace& one) {
                return one.place == place.place;
            });
        if (there || places_.size() == kMostPlaces) {
            return;
        }
        if (port != kHttpPort) {
            add_try(place, url, "", Transport::kGrpc);
        }
        if (port != kGrpcPort) {
            add_http(place, url);
        }
        places_.push_back(std::move(place));
    }

    const StoreSetup& setup_;
    const std::optional<StoreUrl> configured_;
    std::vector<PlannedPlace> places_;
};

bool says_jaeger(std::string_view text) {
    return to_lower(text).find("jaeger") != std::string::npos;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

}  // namespace

bool looks_like_jaeger(const models::Service& service) {
    if (service.type == "ExternalName") {
        return false;  // it names a host outside, chosen by whoever made it
    }
    const auto has_port = [&](std::int32_t port) {
        return std::any_of(
            service.ports.begin(),
            service.ports.end(),
            [port](const models::ServicePort& one) { return one.port == port; }
        );
    };
    const bool named = says_jaeger(service.meta.name) || service.meta.name == "tracing" ||
                       std::any_of(kNameLabels.begin(), kNameLabels.end(), [&](auto label) {
                           return says_jaeger(models::label(*service.meta.labels, label));
                       });
    if (has_port(kGrpcPort) || has_port(kHttpPort)) {
        return true;
    }
    // Collectors and agents are called Jaeger too; they serve no queries.
    return named && (has_port(80) || has_port(443)) &&
           service.meta.name.find("collector") == std::string::npos &&
           service.meta.name.find("agent") == std::string::npos;
}

std::vector<PlannedPlace> plan_diagnosis(
    const StoreSetup& setup, const models::ClusterSnapshot* cluster
) {
    Plan plan(setup);
    std::size_t services = 0;
    if (cluster != nullptr) {
        for (const models::NamespaceViewPtr& ns : cluster->namespaces) {
            for (const models::ServicePtr& service : ns->services) {
                if (services < kMostServices && looks_like_jaeger(*service)) {
                    plan.add_service(*service);
                    ++services;
                }
            }
        }
    }
    return plan.take();
}

std::string to_yaml(const PastedSettings& settings) {
    std::string out = "external_services:\n  tracing:\n    enabled: true\n    provider: jaeger\n";
    out += "    " + settings.url_key + ": " + quoted(settings.url) + "\n";
    out += std::string("    use_grpc: ") + (settings.use_grpc ? "true" : "false") + "\n";
    out += std::string("    namespace_selector: ") +
           (settings.namespace_selector ? "true" : "false") + "\n";
    if (!settings.auth_type.empty() && settings.auth_type != "none") {
        out += "    auth:  # with the credentials that are there now\n      type: " +
               settings.auth_type + "\n";
    }
    return out;
}

}  // namespace meshscope::business
