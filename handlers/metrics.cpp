#include "business/metrics.hpp"

#include "business/mesh.hpp"
#include "core/text.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/metric_json.hpp"
#include "handlers/metric_parameters.hpp"
#include "handlers/routes.hpp"

#include <utility>

namespace meshscope::handlers {

namespace {

using business::MetricSubject;
using server::Request;
using server::Response;

constexpr std::size_t kMostAggregateBytes = 253;

// The series of one target, once its parameters are read.
Awaitable<Response> answer(
    const Parts& parts, RequestContext context, MetricParameters parameters
) {
    auto found = co_await parts.metrics->of(context, parameters.request, false);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    warn_of_filters(found->meta, parameters);
    std::string body;
    JsonWriter json(body);
    write_families(json, found->families);
    co_return with_meta(Response::json(std::move(body)), found->meta);
}

Awaitable<Response> of_subject(
    const Parts& parts, RequestContext context, const Request& request, MetricSubject subject
) {
    auto parameters = read_metrics_of(request, subject);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    co_return co_await answer(parts, std::move(context), std::move(*parameters));
}

Awaitable<Response> of_app(const Parts& parts, RequestContext context, const Request& request) {
    return of_subject(parts, std::move(context), request, MetricSubject::kApp);
}
Awaitable<Response> of_service(const Parts& parts, RequestContext context, const Request& request) {
    return of_subject(parts, std::move(context), request, MetricSubject::kService);
}
Awaitable<Response> of_workload(
    const Parts& parts, RequestContext context, const Request& request
) {
    return of_subject(parts, std::move(context), request, MetricSubject::kWorkload);
}
Awaitable<Response> of_namespace(
    const Parts& parts, RequestContext context, const Request& request
) {
    return of_subject(parts, std::move(context), request, MetricSubject::kNamespace);
}

Awaitable<Response> of_aggregate(
    const Parts& parts, RequestContext context, const Request& request
) {
    auto parameters = read_metrics_of(request, MetricSubject::kNamespace, MetricRoute::kAggregate);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    const auto label = clients::promql::Label::parse(request.path_parameter("aggregate"));
    const std::string value(request.path_parameter("value"));
    if (!label) {
        const Error error(
            ErrorKind::kInvalidArgument, "the aggregate in the path: " + label.error().message()
        );
        co_return error_response(error, context.request_id);
    }
    if (value.size() > kMostAggregateBytes || !is_valid_utf8(value)) {
        const Error error(
            ErrorKind::kInvalidArgument,
            "the value in the path must be UTF-8 text of at most 253 bytes"
        );
        co_return error_response(error, context.request_id);
    }
    parameters->request.aggregate.emplace(*label, value);
    co_return co_await answer(parts, std::move(context), std::move(*parameters));
}

Awaitable<Response> of_namespaces(
    const Parts& parts, RequestContext context, const Request& request
) {
    auto parameters = read_metric_parameters(request.query, MetricRoute::kNamespaces);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    if (parameters->namespaces.empty()) {
        const auto all = parts.mesh->namespaces(context);
        if (!all) {
            co_return error_response(all.error(), context.request_id);
        }
        for (const business::NamespaceItem& item : all->items) {
            parameters->namespaces.push_back(item.view->object.meta.name);
        }
    }
    auto visible = parts.mesh->visible_among(
        context, std::move(parameters->namespaces), parameters->request.cluster
    );
    if (!visible) {
        co_return error_response(visible.error(), context.request_id);
    }
    parameters->request.target.namespaces = std::move(visible->names);
    auto found = co_await parts.metrics->of_namespaces(context, parameters->request);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    warn_of_filters(found->meta, *parameters);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    for (const auto& [name, families] : found->namespaces) {
        write_families(json.key(name), families);
    }
    json.end_object();
    co_return with_meta(Response::json(std::move(body)), found->meta);
}

}  // namespace

void add_metric_routes(server::Router& router, const Parts& parts) {
    const auto add = [&](std::string path, Operation operation) {
        router.add(server::Method::kGet, std::move(path), bind(parts, Entry::kSignedIn, operation));
    };
    add("/api/clusters/metrics", of_namespaces);
    add("/api/namespaces/{namespace}/metrics", of_namespace);
    add("/api/namespaces/{namespace}/apps/{app}/metrics", of_app);
    add("/api/namespaces/{namespace}/services/{service}/metrics", of_service);
    add("/api/namespaces/{namespace}/workloads/{workload}/metrics", of_workload);
    add("/api/namespaces/{namespace}/aggregates/{aggregate}/{value}/metrics", of_aggregate);
}

}  // namespace meshscope::handlers
