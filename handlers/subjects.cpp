#include "business/traces.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/response_limit.hpp"
#include "handlers/routes.hpp"
#include "handlers/subject_query.hpp"
#include "handlers/trace_json.hpp"

#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;
using What = business::Subject::What;

Result<business::SubjectQuery> read_query(What what, const Request& request) {
    const auto parameters = Parameters::read(request.query, trace_search_rules());
    if (!parameters) {
        return parameters.error();
    }
    return read_subject(what, request, *parameters);
}

template <What kWhat>
Awaitable<Response> traces(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_query(kWhat, request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto list = co_await parts.traces->of(context, std::move(*query));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const TraceFit fit = co_await fit_traces(parts, list->traces);
    declare_cut(parts, list->traces, fit, list->meta, list->errors);
    std::string tail;
    JsonWriter json(tail);
    write_store_errors(json.key("errors"), list->errors);
    json.field("tracingServiceName", list->service);
    write_meta(json.key("meta"), list->meta);
    co_return Response::stream(
        trace_list_body(std::move(list->traces), fit.last_spans, parts.masker, std::move(tail))
    );
}

template <What kWhat>
Awaitable<Response> spans(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_query(kWhat, request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto list = co_await parts.traces->spans_of(context, std::move(*query));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const std::uint64_t left = co_await fit_spans(parts, list->traces);
    declare_cut(parts, left, list->meta, nullptr);
    list->meta.returned -= left;
    Response response = Response::stream(span_list_body(std::move(list->traces), parts.masker));
    co_return with_meta(std::move(response), list->meta);
}

template <What kWhat>
void add(server::Router& router, const Parts& parts) {
    const std::string path = subject_path(kWhat);
    router.add(
        server::Method::kGet, path + "/traces", bind(parts, Entry::kSignedIn, traces<kWhat>)
    );
    router.add(server::Method::kGet, path + "/spans", bind(parts, Entry::kSignedIn, spans<kWhat>));
}

}  // namespace

void add_subject_routes(server::Router& router, const Parts& parts) {
    add<What::kApp>(router, parts);
    add<What::kService>(router, parts);
    add<What::kWorkload>(router, parts);
}

}  // namespace meshscope::handlers
