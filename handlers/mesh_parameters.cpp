#include "handlers/mesh_parameters.hpp"

#include "core/text.hpp"
#include "handlers/duration_text.hpp"
#include "handlers/parameters.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::handlers {

namespace {

constexpr std::size_t kMostNamespaces = 200;
constexpr std::string_view kKindMark = ", Kind=";

constexpr ParameterRule kCluster{"clusterName", ParameterType::kText, 0, 253};
constexpr ParameterRule kQueryTime{"queryTime", ParameterType::kInteger, 0, kMaxMicros / 1'000'000};
constexpr ParameterRule kRateInterval{"rateInterval", ParameterType::kText, 0, 64};
constexpr ParameterRule kHealth{"health", ParameterType::kBoolean};
constexpr ParameterRule kReferences{"istioResources", ParameterType::kBoolean};
constexpr ParameterRule kValidate{"validate", ParameterType::kBoolean};
constexpr ParameterRule kKind{"gvk", ParameterType::kText, 0, 512};
constexpr ParameterRule kNamespaces{"namespaces", ParameterType::kText, 0, 8192};
constexpr ParameterRule kDefinitions{"onlyDefinitions", ParameterType::kBoolean};

constexpr std::array kOfWorkloads{
    kCluster, kQueryTime, kRateInterval, kHealth, kReferences, kValidate, kKind, kNamespaces
};
constexpr std::array kOfApps{
    kCluster, kQueryTime, kRateInterval, kHealth, kReferences, kNamespaces
};
constexpr std::array kOfServices{
    kCluster, kQueryTime, kRateInterval, kHealth, kReferences, kDefinitions, kNamespaces
};
constexpr ParameterRule kType{"type", ParameterType::kText, 0, 16};

constexpr std::array kOfHealth{kCluster, kNamespaces, kQueryTime, kRateInterval, kType};
constexpr std::array kOfOverview{kCluster, kNamespaces, kQueryTime, kRateInterval};
constexpr std::array kOfService{kCluster, kRateInterval, kHealth, kValidate};

std::span<const ParameterRule> rules_of(MeshRoute route) {
    switch (route) {
        case MeshRoute::kWorkloads:
            return kOfWorkloads;
        case MeshRoute::kApps:
            return kOfApps;
        case MeshRoute::kServices:
            return kOfServices;
        case MeshRoute::kService:
            return kOfService;
    }
    return {};
}

bool given_or(const Parameters& parameters, std::string_view name, bool fallback) {
    return parameters.has(name) ? parameters.boolean(name) : fallback;
}

Error invalid(std::string_view name, const std::string& what) {
    return Error(ErrorKind::kInvalidArgument, "parameter '" + std::string(name) + "' " + what);
}

std::optional<Error> read_look(const Parameters& parameters, business::HealthQuery& out) {
    using std::chrono::seconds;
    if (const auto text = parameters.text(kRateInterval.name)) {
        const auto interval = parse_interval(*text);
        if (!interval || *interval < seconds(1)) {
            return invalid(kRateInterval.name, "must be a duration like 5m or 1h30m, at least 1s");
        }
        out.interval = std::chrono::floor<seconds>(*interval);
    }
    if (const auto at = parameters.integer(kQueryTime.name)) {
        out.at = SystemTime(seconds(*at));
    }
    return std::nullopt;
}

Result<HealthRequest> read_health(
    const server::Query& query, std::span<const ParameterRule> rules
) {
    const auto parameters = Parameters::read(query, rules);
    if (!parameters) {
        return parameters.error();
    }
    HealthRequest request;
    if (auto error = read_look(*parameters, request.query)) {
        return std::move(*error);
    }
    auto namespaces = read_namespaces(parameters->text(kNamespaces.name).value_or(""));
    if (!namespaces) {
        return namespaces.error();
    }
    request.namespaces = std::move(*namespaces);
    request.cluster = parameters->text(kCluster.name).value_or("");
    const std::string_view type = parameters->text(kType.name).value_or("");
    if (!type.empty() && type != "app" && type != "service" && type != "workload") {
        return invalid(kType.name, "must be app, service or workload");
    }
    request.kinds.apps = type.empty() || type == "app";
    request.kinds.services = type.empty() || type == "service";
    request.kinds.workloads = type.empty() || type == "workload";
    return request;
}

}  // namespace

Result<HealthRequest> read_health_request(const server::Query& query) {
    return read_health(query, kOfHealth);
}

Result<HealthRequest> read_overview_request(const server::Query& query) {
    return read_health(query, kOfOverview);
}

Result<std::vector<std::string>> read_namespaces(std::string_view text) {
    std::vector<std::string> out;
    for (const std::string_view name : split(text, ',')) {
        if (!name.empty()) {
            out.emplace_back(name);
        }
    }
    if (out.size() > kMostNamespaces) {
        return invalid("namespaces", "must not name more than 200");
    }
    return out;
}

Result<models::Kind> read_kind(std::string_view text) {
    const std::size_t mark = text.find(kKindMark);
    if (mark == std::string_view::npos) {
        return models::Kind{{}, {}, std::string(text)};
    }
    const std::string_view version = text.substr(0, mark);
    const std::size_t slash = version.find('/');
    if (slash == std::string_view::npos || version.find('/', slash + 1) != std::string_view::npos) {
        return invalid("gvk", "must read like 'apps/v1, Kind=Deployment' or '/v1, Kind=Pod'");
    }
    models::Kind kind;
    kind.group = version.substr(0, slash);
    kind.version = version.substr(slash + 1);
    kind.kind = text.substr(mark + kKindMark.size());
    return kind;
}

std::string kind_text(const models::Kind& kind) {
    return kind.group + "/" + kind.version + std::string(kKindMark) + kind.kind;
}

Result<MeshRequest> read_mesh_request(const server::Query& query, MeshRoute route) {
    const auto parameters = Parameters::read(query, rules_of(route));
    if (!parameters) {
        return parameters.error();
    }
    MeshRequest request;
    request.list.cluster = parameters->text("clusterName").value_or("");
    request.health = given_or(*parameters, "health", true);
    request.list.references = given_or(*parameters, "istioResources", true);
    request.list.only_definitions = given_or(*parameters, "onlyDefinitions", true);
    if (auto error = read_look(*parameters, request.look)) {
        return std::move(*error);
    }
    auto namespaces = read_namespaces(parameters->text("namespaces").value_or(""));
    if (!namespaces) {
        return namespaces.error();
    }
    request.list.namespaces = std::move(*namespaces);
    request.look.namespaces = request.list.namespaces;
    if (const auto text = parameters->text("gvk")) {
        auto kind = read_kind(*text);
        if (!kind) {
            return kind.error();
        }
        request.kind = std::move(*kind);
    }
    return request;
}

}  // namespace meshscope::handlers
