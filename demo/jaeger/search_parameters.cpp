#include "demo/jaeger/go_values.hpp"
#include "demo/jaeger/http_api.hpp"

#include <nlohmann/json.hpp>

namespace meshscope::demo {
namespace {

constexpr std::int64_t kDefaultLookback = 48LL * 3600 * 1'000'000;

Error bad(std::string message) { return {ErrorKind::kInvalidArgument, std::move(message)}; }

Result<std::int64_t> time_of(
    const HttpRequest& request, std::string_view name, std::int64_t otherwise
) {
    const auto text = request.first(name);
    if (!text || text->empty()) {
        return otherwise;
    }
    if (const auto value = parse_integer(*text)) {
        return *value;
    }
    return bad(
        "unable to parse param '" + std::string(name) + "': " + not_a_number("ParseInt", *text)
    );
}

Result<std::optional<std::int64_t>> duration_of(const HttpRequest& request, std::string_view name) {
    const auto text = request.first(name);
    if (!text || text->empty()) {
        return std::optional<std::int64_t>();
    }
    if (const auto value = parse_go_duration(*text)) {
        return value;
    }
    return bad(
        "unable to parse param '" + std::string(name) + "': time: invalid duration \"" +
        std::string(*text) + "\""
    );
}

Result<> add_tag_pair(SpanQuery& query, const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) {
        return bad("malformed 'tag' parameter, expecting key:value, received: " + text);
    }
    query.tags.emplace_back(text.substr(0, colon), text.substr(colon + 1));
    return {};
}

Result<> add_tag_object(SpanQuery& query, const std::string& text) {
    const auto object = nlohmann::json::parse(text, nullptr, false);
    if (!object.is_object()) {
        return bad("malformed 'tags' parameter, cannot unmarshal JSON: " + text);
    }
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) {
            return bad("malformed 'tags' parameter, cannot unmarshal JSON: value of " + key);
        }
        query.tags.emplace_back(key, value.get<std::string>());
    }
    return {};
}

}  // namespace

Result<SpanQuery> parse_search(const HttpRequest& request, SystemTime now) {
    SpanQuery query;
    query.service = request.first("service").value_or("");
    query.operation = request.first("operation").value_or("");
    if (query.service.empty()) {
        return bad("parameter 'service' is required");
    }
    const auto start = time_of(request, "start", to_micros(now) - kDefaultLookback);
    if (!start) {
        return start.error();
    }
    const auto end = time_of(request, "end", to_micros(now));
    if (!end) {
        return end.error();
    }
    query.start_ns = nanos_from(*start, 1000);
    query.end_ns = nanos_from(*end, 1000);
    const auto shortest = duration_of(request, "minDuration");
    if (!shortest) {
        return shortest.error();
    }
    const auto longest = duration_of(request, "maxDuration");
    if (!longest) {
        return longest.error();
    }
    query.min_duration_ns = *shortest;
    query.max_duration_ns = *longest;
    if (*shortest && *longest && **longest < **shortest) {
        return bad("'maxDuration' should be greater than 'minDuration'");
    }
    for (const auto& [name, value] : request.query) {
        Result<> added;
        if (name == "tag") {
            added = add_tag_pair(query, value);
        } else if (name == "tags") {
            added = add_tag_object(query, value);
        }
        if (!added) {
            return added.error();
        }
    }
    return query;
}

}  // namespace meshscope::demo
