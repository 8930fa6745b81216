#include "business/identity_findings.hpp"

#include <algorithm>
#include <vector>

namespace meshscope::business {

namespace {

using models::NamespaceView;
using models::Workload;

// "name.namespace.svc.<domain>", both parts; empty when it has another form.
struct ServiceHost {
    std::string_view name;
    std::string_view ns;
};

ServiceHost parse_host(std::string_view host) {
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos || dot == 0) {
        return {};
    }
    const std::string_view rest = host.substr(dot + 1);
    const std::size_t next = rest.find('.');
    if (next == std::string_view::npos || next == 0 || !rest.substr(next).starts_with(".svc.")) {
        return {};
    }
    return {host.substr(0, dot), rest.substr(0, next)};
}

// A waypoint's operation: "<host>:<port>/..." or "<host>/...".
std::string_view host_of(std::string_view operation) {
    return operation.substr(0, operation.find_first_of(":/"));
}

// The application of all workloads that a service selects; "" when there are several, or none.
std::string_view app_behind(const NamespaceView& view, const models::Service& service) {
    std::string_view app;
    for (const models::WorkloadPtr& workload : view.workloads) {
        if (!models::selects(*service.selector, *workload->labels)) {
            continue;
        }
        if (workload->app.empty() || (!app.empty() && app != workload->app)) {
            return {};
        }
        app = workload->app;
    }
    return app;
}

bool has_instance(const NamespaceView& view, std::string_view name) {
    const auto& all = view.workloads;
    return std::any_of(all.begin(), all.end(), [&](const models::WorkloadPtr& workload) {
        return models::label(*workload->labels, "app.kubernetes.io/instance") == name;
    });
}

}  // namespace

Finding thing_named(const NamespaceView& view, std::string_view name) {
    const models::Service* service = view.find_service(name);
    const Workload* workload = view.find_workload(name);
    const std::vector<models::WorkloadPtr> apps = view.of_app(name);
    Finding out;
    if (service == nullptr && workload == nullptr && apps.empty()) {
        return out;
    }
    out.evidence = Evidence::kServiceName;
    out.rule = "service name";
    out.ns = view.object.meta.name;
    out.found = true;
    const auto selected = [&](const Workload& one) {
        return service != nullptr && models::selects(*service->selector, *one.labels);
    };
    if (!apps.empty()) {
        out.app = apps.front()->app;
        const bool same =
            std::any_of(apps.begin(), apps.end(), [&](const auto& one) { return selected(*one); });
        out.service = same ? std::string_view(service->meta.name) : std::string_view();
    }
    const bool alone = std::all_of(apps.begin(), apps.end(), [&](const auto& one) {
        return one.get() == workload;
    });
    if (workload != nullptr && alone) {
        if (service != nullptr && !selected(*workload)) {
            out.app = {};
            return out;  // two things of one name
        }
        out.take(workload);
        out.app = workload->app;
    }
    if (service != nullptr && apps.empty()) {
        out.service = service->meta.name;
        out.app = workload == nullptr ? app_behind(view, *service) : out.app;
    }
    return out;
}

Finding ClusterEvidence::service_name() const {
    const std::string_view name = clues_.service;
    const auto in = [&](std::string_view thing, std::string_view ns) {
        const NamespaceView* view = thing.empty() ? nullptr : cluster_.find(ns);
        return view == nullptr ? Finding() : thing_named(*view, thing);
    };
    const std::string_view beside = clues_.service_ns.text;
    if (const Finding out = in(name, beside)) {
        return out;
    }
    const ServiceHost host = parse_host(name);
    const std::size_t dot = name.rfind('.');
    const bool dotted = dot != std::string_view::npos;
    if (const Finding out = in(host.name, host.ns)) {
        return out;
    }
    if (dotted) {
        const std::string_view ns = name.substr(dot + 1);
        if (const Finding out = in(name.substr(0, dot), ns)) {
            return out;
        }
        if (name.substr(0, dot) == "istio-proxy" && cluster_.find(ns) != nullptr) {
            return {.evidence = Evidence::kServiceName, .rule = "service name", .ns = ns};
        }
    }
    if (const Finding out = in(name, clues_.own_ns().text)) {
        return out;
    }
    const NamespaceView* view = cluster_.find(beside);
    return view != nullptr && has_instance(*view, name)
               ? Finding{.evidence = Evidence::kServiceName, .rule = clues_.service_ns.rule, .ns = beside}
               : Finding();
}

Finding ClusterEvidence::unique_name() const {
    const std::string_view name = clues_.service;
    if (name.empty() || clues_.own_ns() || cluster_.find(clues_.service_ns.text) != nullptr) {
        return {};
    }
    const NamespaceView* only = nullptr;
    for (const models::NamespaceViewPtr& view : cluster_.namespaces) {
        const std::string& ns = view->object.meta.name;
        const auto here = [&](const models::WorkloadPtr& one) { return one->ns == ns; };
        const auto named = cluster_.workloads_named(name);
        const auto apps = cluster_.workloads_of_app(name);
        if (view->find_service(name) == nullptr && std::none_of(named.begin(), named.end(), here) &&
            std::none_of(apps.begin(), apps.end(), here)) {
            continue;
        }
        if (only != nullptr) {
            return {};
        }
        only = view.get();
    }
    if (only == nullptr) {
        return {};
    }
    Finding out = thing_named(*only, name);
    out.evidence = Evidence::kUniqueName;
    out.placed = false;
    return out;
}

Finding ClusterEvidence::waypoint_target() const {
    struct Row {
        ServiceHost host;
        Evidence evidence;
        std::string_view rule;
    };
    const Row rows[] = {
        {parse_host(clues_.service), Evidence::kServiceName, "service name"},
        {parse_host(host_of(clues_.operation)), Evidence::kOperation, "operation"},
    };
    for (const Row& row : rows) {
        const NamespaceView* view = cluster_.find(row.host.ns);
        const models::Service* service =
            view == nullptr ? nullptr : view->find_service(row.host.name);
        if (service == nullptr) {
            continue;
        }
        Finding out{.evidence = row.evidence, .rule = row.rule, .ns = row.host.ns};
        out.service = service->meta.name;
        out.app = app_behind(*view, *service);
        out.found = true;
        out.placed = row.evidence == Evidence::kServiceName;
        return out;
    }
    return {};
}

}  // namespace meshscope::business
