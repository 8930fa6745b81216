#include "business/trace_compare.hpp"

#include "business/traces.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/measured_routes.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/trace_summary_json.hpp"

#include <iterator>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using business::ComparedNode;
using server::Request;
using server::Response;

void write_node(JsonWriter& json, const ComparedNode& node, const business::Masker& masker) {
    json.begin_object().key("path").begin_array();
    for (const std::string& service : node.path) {
        json.string(service);
    }
    json.end_array().field("operation", masker.masked_text(node.operation));
    json.field("inA", node.in_a).field("inB", node.in_b);
    json.field("durationA", node.duration_a_ns / 1000);
    json.field("durationB", node.duration_b_ns / 1000);
    json.field("delta", (node.duration_b_ns - node.duration_a_ns) / 1000);
    json.field("errorsA", node.errors_a).field("errorsB", node.errors_b).end_object();
}

void write_nodes(
    JsonWriter& json, const std::vector<ComparedNode>& nodes, const business::Masker& masker
) {
    json.begin_array();
    for (const ComparedNode& node : nodes) {
        write_node(json, node, masker);
    }
    json.end_array();
}

// One envelope for what was said of two traces.
business::Meta joined(business::Meta a, business::Meta b) {
    for (const clients::Dropped& entry : b.dropped) {
        a.drop(entry.reason, entry.count);
    }
    std::move(b.warnings.begin(), b.warnings.end(), std::back_inserter(a.warnings));
    if (a.stopped_by == clients::StoppedBy::kComplete) {
        a.stopped_by = b.stopped_by;
    }
    a.upstream = std::move(b.upstream);  // the second bill holds the first
    a.scanned += b.scanned;
    a.covered.reset();
    a.order = "tree:preorder";
    return a;
}

// Parameters are ignored, as of a single trace.
Awaitable<Response> compare(const Parts& parts, RequestContext context, const Request& request) {
    std::vector<business::SingleTrace> traces;
    for (const char* name : {"a", "b"}) {
        const auto id = read_trace_id(request.path_parameter(name));
        if (!id) {
            co_return error_response(id.error(), context.request_id);
        }
        auto single = co_await parts.traces->by_id(context, *id);
        if (!single) {
            co_return error_response(single.error(), context.request_id);
        }
        traces.push_back(std::move(*single));
    }
    const auto comparison = business::compare_traces(traces[0].view, traces[1].view);
    business::Meta meta = joined(std::move(traces[0].meta), std::move(traces[1].meta));
    // Calls that were told apart, of the spans of both.
    meta.returned = comparison.both.size() + comparison.only_a.size() + comparison.only_b.size();
    meta.scanned = traces[0].view.trace->spans.size() + traces[1].view.trace->spans.size();
    meta.drop("limit", comparison.cut);
    if (comparison.cut > 0 && meta.stopped_by == clients::StoppedBy::kComplete) {
        meta.stopped_by = clients::StoppedBy::kLimit;
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_summary(json.key("a"), comparison.a, *parts.masker);
    write_summary(json.key("b"), comparison.b, *parts.masker);
    write_nodes(json.key("nodes"), comparison.both, *parts.masker);
    write_nodes(json.key("onlyA"), comparison.only_a, *parts.masker);
    write_nodes(json.key("onlyB"), comparison.only_b, *parts.masker);
    write_meta(json.key("meta"), meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

}  // namespace

void add_compare_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/traces/{a}/compare/{b}", bind(parts, Entry::kSignedIn, compare)
    );
}

}  // namespace meshscope::handlers
