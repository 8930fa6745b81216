#include "demo/jaeger/http_v3_api.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "demo/jaeger/go_values.hpp"
#include "demo/jaeger/http_api.hpp"
#include "demo/jaeger/json_v3.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace meshscope::demo {
namespace {

constexpr const char* kProtocol = "http_v3";

// 2.13 leaves it to Go to guess the type of what it writes.
HttpReply json(std::string body, const Release& release) {
    if (!release.strict_paths()) {
        return plain_text(200, std::move(body));
    }
    HttpReply reply;
    reply.body = std::move(body);
    return reply;
}

HttpReply failure(unsigned status, std::string_view message) {
    std::string body;
    JsonWriter out(body);
    out.begin_object().key("error").begin_object();
    out.field("httpCode", status).field("message", message);
    out.end_object().end_object();
    body.push_back('\n');
    return plain_text(status, std::move(body));
}

HttpReply failure(const Error& error) {
    return failure(error.kind() == ErrorKind::kInvalidArgument ? 400 : 500, error.message());
}

}  // namespace

std::optional<HttpReply> HttpV3Api::handle(
    const HttpRequest& request, std::string_view path, const Release& release
) {
    if (!release.api_v3) {
        counters_.count(kProtocol, "unknown");
        return std::nullopt;
    }
    if (request.method != "GET") {
        counters_.count(kProtocol, "unknown");
        return release.strict_paths() ? std::optional(plain_text(405, "Method Not Allowed\n"))
                                      : std::nullopt;
    }
    constexpr std::string_view kTrace = "traces/";
    if (path == "traces") {
        return search(request, release);
    }
    if (path == "trace-summaries" && release.full_http_v3()) {
        return summaries(request, release);
    }
    if (path == "services") {
        return services(release);
    }
    if (path == "operations") {
        return operations(request, release);
    }
    if (path.starts_with(kTrace) && path.find('/', kTrace.size()) == std::string_view::npos) {
        return trace(path.substr(kTrace.size()), release);
    }
    counters_.count(kProtocol, "unknown");
    return std::nullopt;
}

Result<std::vector<TraceRecordPtr>> HttpV3Api::found(
    const HttpRequest& request, const Release& release
) {
    const auto search = parse_search_v3(request, release);
    if (!search) {
        return search.error();
    }
    if (search->depth <= 0 || static_cast<std::size_t>(search->depth) > max_traces_) {
        return Error(ErrorKind::kInternal, std::string(kBadDepth));
    }
    auto traces = archive_.search(search->query, static_cast<std::size_t>(search->depth));
    // There is no promise of an order; this one is certainly not the newest first.
    std::sort(traces.begin(), traces.end(), [](const TraceRecordPtr& a, const TraceRecordPtr& b) {
        return a->id < b->id;
    });
    return traces;
}

HttpReply HttpV3Api::search(const HttpRequest& request, const Release& release) {
    counters_.count(kProtocol, "search");
    const auto traces = found(request, release);
    if (!traces) {
        return failure(traces.error());
    }
    return traces->empty() ? failure(404, "No traces found") : json(otlp_json(*traces), release);
}

HttpReply HttpV3Api::summaries(const HttpRequest& request, const Release& release) {
    counters_.count(kProtocol, "summaries");
    const auto traces = found(request, release);
    return traces ? json(summaries_json(*traces), release) : failure(traces.error());
}

HttpReply HttpV3Api::trace(std::string_view text, const Release& release) {
    counters_.count(kProtocol, "trace");
    const auto id = TraceId::from_hex(text);
    if (!id) {
        return failure(400, "malformed parameter trace_id: " + not_a_trace_id(text));
    }
    const TraceRecordPtr trace = archive_.find(*id);
    if (!trace) {
        return failure(404, release.strict_grpc_v3() ? "trace not found" : "No traces found");
    }
    return json(otlp_json({&trace, 1}), release);
}

HttpReply HttpV3Api::services(const Release& release) {
    counters_.count(kProtocol, "services");
    std::string body;
    JsonWriter out(body);
    out.begin_object().key("services").begin_array();
    for (const std::string& name : archive_.services()) {
        out.string(name);
    }
    out.end_array().end_object();
    return json(std::move(body), release);
}

HttpReply HttpV3Api::operations(const HttpRequest& request, const Release& release) {
    counters_.count(kProtocol, "operations");
    const auto service = request.first("service").value_or("");
    const auto kind = request.first("spanKind").value_or(request.first("span_kind").value_or(""));
    std::string body;
    JsonWriter out(body);
    out.begin_object().key("operations").begin_array();
    for (const OperationName& operation : archive_.operations(service, kind)) {
        out.begin_object();
        out.field("name", operation.name);
        out.field("spanKind", operation.kind.empty() ? "internal" : operation.kind);
        out.end_object();
    }
    out.end_array().end_object();
    return json(std::move(body), release);
}

}  // namespace meshscope::demo
