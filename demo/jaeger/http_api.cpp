#include "demo/jaeger/http_api.hpp"

#include "core/text.hpp"
#include "demo/jaeger/go_values.hpp"
#include "demo/jaeger/json_v1.hpp"
#include "demo/jaeger/ui_page.hpp"
#include "demo/jaeger/v1_mapping.hpp"

namespace meshscope::demo {
namespace {

constexpr std::int64_t kDefaultLimit = 100;

HttpReply json(std::string body) {
    HttpReply reply;
    reply.body = std::move(body);
    return reply;
}

// Jaeger's own errors: JSON in the body, text in the header.
HttpReply failure(int status, std::string message) {
    return plain_text(static_cast<unsigned>(status), error_json({status, std::move(message), {}}));
}

// JSON has no word for a number that is none: one such tag makes the whole answer an error.
HttpReply traces(std::span<const TraceRecordPtr> found, std::span<const JsonError> errors) {
    for (const TraceRecordPtr& trace : found) {
        if (has_non_finite(*trace)) {
            return failure(500, "json: unsupported value: NaN");
        }
    }
    return json(traces_json(found, errors));
}

}  // namespace

HttpReply JaegerHttpApi::handle(const HttpRequest& request) {
    std::string_view path = request.path;
    const std::string& base = options_.base_path;
    const bool inside =
        path.starts_with(base) && (path.size() == base.size() || path[base.size()] == '/');
    if (!options_.credentials.accept(request.authorization)) {
        counters_.count("http", "refused");
        HttpReply reply = plain_text(401, "401 Unauthorized\n");
        reply.headers.emplace_back("WWW-Authenticate", R"(Basic realm="jaeger")");
        return reply;
    }
    const bool strict = release_.get().strict_paths();  // else all that is unknown is the page
    if (!inside) {
        counters_.count("http", "outside_base_path");
        return strict ? page_not_found() : page(request);
    }
    path.remove_prefix(base.size());
    if (path.empty() && strict) {
        counters_.count("http", "ui");
        HttpReply reply = plain_text(301, "");
        reply.headers.emplace_back("Location", base + "/");
        return reply;
    }
    if (path == "/api" || path.starts_with("/api/")) {
        return api(request, path.substr(4));
    }
    return page(request);
}

HttpReply JaegerHttpApi::api(const HttpRequest& request, std::string_view path) {
    const Release release = release_.get();
    constexpr std::string_view kV3 = "/v3/";
    auto reply = path.starts_with(kV3) ? v3_.handle(request, path.substr(kV3.size()), release)
                                       : v1(request, path, release);
    if (reply) {
        return std::move(*reply);
    }
    return release.strict_paths() ? page_not_found() : page(request);
}

std::optional<HttpReply> JaegerHttpApi::v1(
    const HttpRequest& request, std::string_view path, const Release& release
) {
    if (request.method != "GET") {
        counters_.count("http", "unknown");
        return release.strict_paths() ? std::optional(plain_text(405, "Method Not Allowed\n"))
                                      : std::nullopt;
    }
    // "/services" splits into "" and "services".
    const std::vector<std::string_view> parts = split(path, '/');
    const auto part = [&parts](std::size_t i) {
        return percent_decode(parts[i], false).value_or(std::string(parts[i]));
    };
    if (parts.size() == 3 && parts[1] == "traces") {
        return trace(part(2));
    }
    if (release.old_search()) {
        if (path == "/traces") {
            return search(request, release);
        }
        if (path == "/services") {
            return services();
        }
        if (path == "/operations") {
            counters_.count("http", "operations");
            const auto service = request.first("service").value_or("");
            if (service.empty()) {
                return failure(400, "parameter 'service' is required");
            }
            return operations(service, request.first("spanKind").value_or(""), true);
        }
        if (parts.size() == 4 && parts[1] == "services" && parts[3] == "operations") {
            counters_.count("http", "service_operations");
            return operations(part(2), "", false);
        }
    }
    counters_.count("http", "unknown");
    return std::nullopt;
}

HttpReply JaegerHttpApi::search(const HttpRequest& request, const Release& release) {
    counters_.count("http", "search");
    std::vector<std::string_view> ids;
    for (const auto& [name, value] : request.query) {
        if (name == "traceID") {
            ids.push_back(value);
        }
    }
    if (!ids.empty()) {
        return by_ids(ids);
    }
    auto query = parse_search(request, clock_.now());
    if (!query) {
        return failure(400, query.error().message());
    }
    query->false_is_complement = release.false_is_complement();
    query->misreads_fields = release.misreads_fields();
    std::int64_t limit = kDefaultLimit;
    if (const auto text = request.first("limit"); text && !text->empty()) {
        const auto value = parse_integer(*text);
        if (!value) {
            return failure(400, not_a_number("ParseInt", *text));
        }
        limit = *value;
    }
    if (limit <= 0 || static_cast<std::size_t>(limit) > options_.max_traces) {
        return failure(500, std::string(kBadDepth));
    }
    return traces(archive_.search(*query, static_cast<std::size_t>(limit)), {});
}

HttpReply JaegerHttpApi::by_ids(const std::vector<std::string_view>& ids) {
    std::vector<TraceRecordPtr> found;
    std::vector<JsonError> errors;
    for (const std::string_view text : ids) {
        const auto id = TraceId::from_hex(text);
        if (!id) {
            return failure(400, "cannot parse traceID param: " + not_a_trace_id(text));
        }
        if (TraceRecordPtr trace = archive_.find(*id)) {
            found.push_back(std::move(trace));
        } else {
            errors.push_back({0, "trace not found", id->to_hex()});
        }
    }
    return traces(found, errors);
}

HttpReply JaegerHttpApi::trace(std::string_view text) {
    counters_.count("http", "trace");
    const auto id = TraceId::from_hex(text);
    if (!id) {
        return failure(400, not_a_trace_id(text));
    }
    const TraceRecordPtr trace = archive_.find(*id);
    if (!trace) {
        return failure(404, "trace not found");
    }
    return traces({&trace, 1}, {});
}

HttpReply JaegerHttpApi::services() {
    counters_.count("http", "services");
    return json(names_json(archive_.services()));
}

HttpReply JaegerHttpApi::operations(
    std::string_view service, std::string_view kind, bool with_kinds
) {
    const std::vector<OperationName> operations = archive_.operations(service, kind);
    if (with_kinds) {
        return json(operations_json(operations));
    }
    std::vector<std::string> names;
    for (const OperationName& operation : operations) {
        if (names.empty() || names.back() != operation.name) {
            names.push_back(operation.name);
        }
    }
    return json(names_json(names));
}

HttpReply JaegerHttpApi::page(const HttpRequest& request) {
    counters_.count("http", "ui");
    const Release release = release_.get();
    if (request.method != "GET" && request.method != "HEAD" && release.strict_paths()) {
        return plain_text(405, "Method Not Allowed\n");
    }
    HttpReply reply;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = ui_page(options_.base_path, release.version);
    return reply;
}

}  // namespace meshscope::demo
