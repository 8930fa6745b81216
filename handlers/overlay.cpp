#include "business/span_overlay.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/measured_routes.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/subject_query.hpp"

#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;
using What = business::Subject::What;

struct OverlayQuery {
    business::SubjectQuery subject;
    std::size_t most = business::kDefaultOverlayPoints;
};

Result<OverlayQuery> read_overlay(What what, const Request& request) {
    const auto common = trace_search_rules();
    std::vector<ParameterRule> rules(common.begin(), common.end());
    rules.push_back(integer_parameter("maxPoints", 0, business::kMaxOverlayPoints));
    const auto parameters = Parameters::read(request.query, rules);
    if (!parameters) {
        return parameters.error();
    }
    auto subject = read_subject(what, request, *parameters);
    if (!subject) {
        return subject.error();
    }
    OverlayQuery query;
    query.subject = std::move(*subject);
    if (const auto most = parameters->integer("maxPoints")) {
        query.most = static_cast<std::size_t>(*most);
    }
    return query;
}

void write_point(
    JsonWriter& json, const business::OverlayPoint& point, const business::Masker& masker
) {
    json.begin_object().field("time", point.time_us).field("duration", point.duration_us);
    json.key("traceID").plain_string(point.trace.to_hex());
    json.key("spanID").plain_string(point.span.to_hex());
    json.field("error", point.error);
    json.field("operation", masker.masked_text(point.operation)).end_object();
}

void write_bucket(JsonWriter& json, const business::OverlayBucket& bucket) {
    json.begin_object().field("from", bucket.from_us).field("to", bucket.to_us);
    json.key("count").unsigned_integer(bucket.count).field("min", bucket.min);
    json.field("q1", bucket.q1).field("median", bucket.median).field("q3", bucket.q3);
    json.field("max", bucket.max).field("avg", bucket.average).end_object();
}

template <What kWhat>
Awaitable<Response> overlay(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_overlay(kWhat, request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto list = co_await parts.traces->spans_of(context, std::move(query->subject));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const business::SpanOverlay made = business::make_overlay(*list, query->most);
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("points").begin_array();
    for (const business::OverlayPoint& point : made.points) {
        write_point(json, point, *parts.masker);
    }
    json.end_array().key("buckets").begin_array();
    for (const business::OverlayBucket& bucket : made.buckets) {
        write_bucket(json, bucket);
    }
    json.end_array();
    list->meta.order = made.buckets.empty() ? "time:asc" : "from:asc";
    write_meta(json.key("meta"), list->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

template <What kWhat>
void add(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        subject_path(kWhat) + "/overlay",
        bind(parts, Entry::kSignedIn, overlay<kWhat>)
    );
}

}  // namespace

void add_overlay_routes(server::Router& router, const Parts& parts) {
    add<What::kApp>(router, parts);
    add<What::kService>(router, parts);
    add<What::kWorkload>(router, parts);
}

}  // namespace meshscope::handlers
