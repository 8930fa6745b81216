#include "business/response_stats.hpp"
#include "core/text.hpp"
#include "handlers/bind.hpp"
#include "handlers/duration_text.hpp"
#include "handlers/error_response.hpp"
#include "handlers/measured_routes.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/safe_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::MeasuredTarget;
using business::StatsQuery;
using Json = nlohmann::json;
using server::Request;
using server::Response;

constexpr std::size_t kMaxBodyBytes = 1024UL * 1024;
constexpr std::size_t kMaxTextBytes = 253;
constexpr std::int64_t kMaxSeconds = 9'223'372'036;

Error invalid(const std::string& message) { return {ErrorKind::kInvalidArgument, message}; }

// The member of that name, whatever its case, as clients of old spell it; null when there is none.
const Json* member(const Json& object, std::string_view name) {
    if (!object.is_object()) {
        return nullptr;
    }
    for (const auto& item : object.items()) {
        if (iequals(item.key(), name)) {
            return item.value().is_null() ? nullptr : &item.value();
        }
    }
    return nullptr;
}

Result<std::string> text_of(const Json& object, std::string_view name) {
    const Json* value = member(object, name);
    if (value == nullptr) {
        return std::string();
    }
    if (!value->is_string() || value->get_ref<const std::string&>().size() > kMaxTextBytes) {
        return invalid("'" + std::string(name) + "' must be a text of at most 253 bytes");
    }
    return value->get<std::string>();
}

Result<std::vector<std::string>> texts_of(const Json& object, std::string_view name) {
    std::vector<std::string> texts;
    const Json* list = member(object, name);
    if (list == nullptr) {
        return texts;
    }
    const bool fits =
        list->is_array() && list->size() <= business::kMaxNativeQuantiles &&
        std::ranges::all_of(*list, [](const Json& item) {
            return item.is_string() && item.get_ref<const std::string&>().size() <= kMaxTextBytes;
        });
    if (!fits) {
        return invalid("'" + std::string(name) + "' must be a list of at most 16 texts");
    }
    for (const Json& item : *list) {
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

Result<MeasuredTarget> read_target(const Json& object, const std::string& what) {
    const std::array<std::string_view, 4> names{"kind", "cluster", "namespace", "name"};
    std::array<std::string, 4> values;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto text = text_of(object, names[i]);
        if (!text) {
            return text.error();
        }
        values[i] = std::move(*text);
    }
    MeasuredTarget target;
    auto& [kind, cluster, ns, name] = values;
    if (name.empty()) {
        return invalid(what + ": a name is needed");
    }
    if (kind == "app") {
        target.kind = MeasuredTarget::Kind::kApp;
    } else if (kind == "service") {
        target.kind = MeasuredTarget::Kind::kService;
    } else if (kind != "workload") {
        return invalid(what + ": the kind must be app, workload or service");
    }
    target.cluster = std::move(cluster);
    target.ns = std::move(ns);
    target.name = std::move(name);
    return target;
}

// Ascending, each once; the side's own when none is named.
Result<std::vector<std::string>> read_reporters(const Json& object, bool inbound) {
    const std::string side = inbound ? "destination" : "source";
    auto reporters = texts_of(object, "reporters");
    if (!reporters) {
        return reporters.error();
    }
    if (reporters->empty()) {
        return std::vector<std::string>{side};
    }
    std::ranges::sort(*reporters);
    const auto twice = std::ranges::unique(*reporters);
    reporters->erase(twice.begin(), twice.end());
    const bool known = std::ranges::all_of(*reporters, [&side](const std::string& one) {
        return one == side || one == "waypoint";
    });
    if (!known || std::ranges::find(*reporters, side) == reporters->end()) {
        return invalid("'reporters' must hold " + side + " and may hold waypoint");
    }
    return reporters;
}

// direction, reporters and the two sides.
std::optional<Error> read_sides(const Json& object, StatsQuery& query) {
    const Json* target = member(object, "target");
    if (target == nullptr) {
        return invalid("a query needs a target");
    }
    auto found = read_target(*target, "target");
    if (!found) {
        return found.error();
    }
    query.requests.target = std::move(*found);
    const auto direction = text_of(object, "direction");
    if (!direction || (*direction != "inbound" && *direction != "outbound")) {
        return invalid("'direction' must be inbound or outbound");
    }
    query.requests.inbound = *direction == "inbound";
    const bool service = query.requests.target.kind == MeasuredTarget::Kind::kService;
    if (service && !query.requests.inbound) {
        return invalid("a service only has the direction inbound");
    }
    if (const Json* peer = member(object, "peerTarget")) {
        auto other = read_target(*peer, "peerTarget");
        if (!other) {
            return other.error();
        }
        if (other->kind == MeasuredTarget::Kind::kService && query.requests.inbound) {
            return invalid("peerTarget: a service sends no requests");
        }
        query.requests.peer = std::move(*other);
    }
    auto reporters = read_reporters(object, query.requests.inbound);
    if (!reporters) {
        return reporters.error();
    }
    query.requests.reporters = std::move(*reporters);
    return std::nullopt;
}

std::optional<Error> read_times(const Json& object, StatsQuery& query) {
    auto interval = text_of(object, "interval");
    if (!interval) {
        return interval.error();
    }
    const auto length = parse_interval(*interval);
    if (!length || *length < std::chrono::seconds(1)) {
        return invalid("'interval' must be a duration of a second or more, like 10m");
    }
    query.interval_name = std::move(*interval);
    query.requests.interval = std::chrono::duration_cast<std::chrono::seconds>(*length);
    const Json* at = member(object, "queryTime");
    if (at == nullptr || !at->is_number_integer() || at->get<double>() < 1 ||
        at->get<double>() > static_cast<double>(kMaxSeconds)) {
        return invalid("'queryTime' must be a time in seconds");
    }
    query.requests.at = SystemTime(std::chrono::seconds(at->get<std::int64_t>()));
    return std::nullopt;
}

std::optional<Error> read_wanted(const Json& object, StatsQuery& query) {
    if (const Json* average = member(object, "avg")) {
        if (!average->is_boolean()) {
            return invalid("'avg' must be true or false");
        }
        query.average = average->get<bool>();
    }
    const auto quantiles = texts_of(object, "quantiles");
    if (!quantiles) {
        return quantiles.error();
    }
    for (const std::string& text : *quantiles) {
        auto quantile = clients::promql::Quantile::parse(text);
        if (!quantile) {
            return invalid("'quantiles': " + quantile.error().message());
        }
        query.quantiles.push_back(std::move(*quantile));
    }
    return std::nullopt;
}

Result<StatsQuery> read_query(const Json& object) {
    if (!object.is_object()) {
        return invalid("a query must be a JSON object");
    }
    StatsQuery query;
    if (auto error = read_sides(object, query)) {
        return *error;
    }
    if (auto error = read_times(object, query)) {
        return *error;
    }
    if (auto error = read_wanted(object, query)) {
        return *error;
    }
    return query;
}

struct Asked {
    std::vector<StatsQuery> queries;
    std::vector<Error> refused;
};

Result<Asked> read_body(const std::string& text) {
    if (text.size() > kMaxBodyBytes) {
        return Error(ErrorKind::kTooLarge, "the body is larger than 1 MiB");
    }
    const Json body = Json::parse(text, nullptr, false);
    if (!body.is_object()) {
        return invalid("the body must be a JSON object with the member 'queries'");
    }
    Asked asked;
    const Json* queries = member(body, "queries");
    if (queries == nullptr) {
        return asked;
    }
    if (!queries->is_array() || queries->size() > business::kMaxStatsQueries) {
        return invalid(
            "'queries' must be a list of at most " + std::to_string(business::kMaxStatsQueries)
        );
    }
    for (const Json& item : *queries) {
        auto query = read_query(item);
        if (query) {
            asked.queries.push_back(std::move(*query));
        } else {
            asked.refused.push_back(query.error());
        }
    }
    return asked;
}

void write_stats(JsonWriter& json, const business::StatsAnswer& answer) {
    json.begin_object().key("stats").begin_object();
    for (const business::ResponseTimeStats& one : answer.stats) {
        json.key(one.key).begin_object().key("responseTimes").begin_array();
        for (const auto& [name, value] : one.times) {
            json.begin_object().field("name", name).field("value", value).end_object();
        }
        json.end_array().end_object();
    }
    json.end_object().key("warnings");
    if (answer.warnings.empty()) {
        json.null();
    } else {
        json.begin_array();
        for (const std::string& warning : answer.warnings) {
            json.string(safe_text(warning));
        }
        json.end_array();
    }
    write_meta(json.key("meta"), answer.meta);
    json.end_object();
}

Awaitable<Response> metric_stats(
    const Parts& parts, RequestContext context, const Request& request
) {
    auto asked = read_body(request.body);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    auto answer = co_await parts.response_stats->of(
        context, std::move(asked->queries), std::move(asked->refused)
    );
    if (!answer) {
        co_return error_response(answer.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    write_stats(json, *answer);
    co_return Response::json(std::move(body));
}

}  // namespace

void add_metric_stats_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kPost, "/api/stats/metrics", bind(parts, Entry::kSignedIn, metric_stats)
    );
}

}  // namespace meshscope::handlers
