#include "demo/jaeger/go_values.hpp"
#include "demo/jaeger/http_v3_api.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace meshscope::demo {
namespace {

Error malformed(std::string_view name, const std::string& why) {
    return {ErrorKind::kInvalidArgument, "malformed parameter " + std::string(name) + ": " + why};
}

Error malformed_text(std::string_view name, std::string_view value) {
    return malformed(name, "cannot parse \"" + std::string(value) + "\"");
}

// Finds a parameter under the names that a release knows.
class Reader {
 public:
    Reader(const HttpRequest& request, const Release& release)
        : request_(request), release_(release) {}

    [[nodiscard]] std::optional<std::string_view> text(
        std::string_view camel, std::string_view snake
    ) const {
        if (release_.full_http_v3()) {
            if (const auto value = request_.first(camel); value && !value->empty()) {
                return value;
            }
        }
        const auto value = request_.first(snake);
        return value && !value->empty() ? value : std::nullopt;
    }

    [[nodiscard]] Result<std::int64_t> time(std::string_view camel, std::string_view snake) const {
        const auto value = text(camel, snake);
        const std::string_view name = release_.full_http_v3() ? camel : snake;
        if (!value) {
            return Error(
                ErrorKind::kInvalidArgument,
                release_.full_http_v3()
                    ? "parameter " + std::string(name) + " is required"
                    : "query.start_time_min and query.start_time_max are required"
            );
        }
        const auto parsed = parse_rfc3339(*value);
        return parsed ? Result<std::int64_t>(*parsed) : malformed_text(name, *value);
    }

    [[nodiscard]] Result<std::optional<std::int64_t>> duration(
        std::string_view camel, std::string_view snake
    ) const {
        const auto value = text(camel, snake);
        if (!value) {
            return std::optional<std::int64_t>();
        }
        const auto parsed = parse_go_duration(*value);
        if (!parsed) {
            return malformed(
                release_.full_http_v3() ? camel : snake,
                "time: invalid duration \"" + std::string(*value) + "\""
            );
        }
        return parsed;
    }

 private:
    const HttpRequest& request_;
    const Release& release_;
};

Result<> add_attributes(std::string_view text, SpanQuery& query) {
    const auto object = nlohmann::json::parse(text, nullptr, false);
    if (!object.is_object()) {
        return malformed_text("query.attributes", text);
    }
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) {
            return malformed_text("query.attributes", text);
        }
        query.tags.emplace_back(key, value.get<std::string>());
    }
    return {};
}

Result<std::int64_t> depth_of(const Reader& reader, const Release& release) {
    constexpr std::int64_t kDefault = 100;
    auto text = reader.text("query.searchDepth", "query.num_traces");
    if (!text && release.full_http_v3()) {
        text = reader.text("query.searchDepth", "query.search_depth");
    }
    if (!text) {
        return release.full_http_v3() ? kDefault : 0;
    }
    const auto parsed = parse_integer(*text);
    return parsed ? Result<std::int64_t>(*parsed)
                  : malformed(
                        release.full_http_v3() ? "query.searchDepth" : "query.num_traces",
                        not_a_number("Atoi", *text)
                    );
}

Result<> read_bounds(const Reader& reader, SpanQuery& query) {
    const auto start = reader.time("query.startTimeMin", "query.start_time_min");
    if (!start) {
        return start.error();
    }
    const auto end = reader.time("query.startTimeMax", "query.start_time_max");
    if (!end) {
        return end.error();
    }
    if (*start >= *end) {
        return Error(
            ErrorKind::kInvalidArgument, "query.startTimeMin must be before query.startTimeMax"
        );
    }
    query.start_ns = *start;
    query.end_ns = *end;
    const auto shortest = reader.duration("query.durationMin", "query.duration_min");
    if (!shortest) {
        return shortest.error();
    }
    const auto longest = reader.duration("query.durationMax", "query.duration_max");
    if (!longest) {
        return longest.error();
    }
    query.min_duration_ns = *shortest;
    query.max_duration_ns = *longest;
    return {};
}

}  // namespace

Result<SearchV3> parse_search_v3(const HttpRequest& request, const Release& release) {
    const Reader reader(request, release);
    SearchV3 search;
    SpanQuery& query = search.query;
    query.service = reader.text("query.serviceName", "query.service_name").value_or("");
    query.operation = reader.text("query.operationName", "query.operation_name").value_or("");
    query.false_is_complement = release.false_is_complement();
    query.misreads_fields = release.misreads_fields();
    if (const Result<> read = read_bounds(reader, query); !read) {
        return read.error();
    }
    const auto depth = depth_of(reader, release);
    if (!depth) {
        return depth.error();
    }
    search.depth = *depth;
    const auto attributes = request.first("query.attributes");
    if (release.full_http_v3() && attributes && !attributes->empty()) {
        if (const Result<> added = add_attributes(*attributes, query); !added) {
            return added.error();
        }
    }
    return search;
}

}  // namespace meshscope::demo
