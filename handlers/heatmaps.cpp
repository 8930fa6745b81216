#include "business/heatmap.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/measured_routes.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/safe_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::HeatCells;
using business::HeatOptions;
using business::MissingCell;
using Json = nlohmann::json;
using server::Request;
using server::Response;

constexpr std::size_t kMaxBodyBytes = 64UL * 1024;

constexpr double kMostTimes = 1000;

constexpr std::array<ParameterRule, 5> kRules{{
    {"at", ParameterType::kText, 0, 16},
    {"mode", ParameterType::kText, 0, 16},
    {"scale", ParameterType::kText, 0, 16},
    {"workload", ParameterType::kText, 0, 253},
    {"namespace", ParameterType::kText, 0, 63},
}};

// The options as texts, wherever they come from; "" not given.
struct OptionTexts {
    std::string at;
    std::string mode;
    std::string workload;
    std::string name_space;
};

Result<HeatOptions> read_options(OptionTexts texts) {
    if (!texts.at.empty() && texts.at != "trace" && texts.at != "now") {
        return Error(ErrorKind::kInvalidArgument, "parameter 'at' must be trace or now");
    }
    if (!texts.mode.empty() && texts.mode != "inbound" && texts.mode != "kiali") {
        return Error(ErrorKind::kInvalidArgument, "parameter 'mode' must be inbound or kiali");
    }
    HeatOptions options;
    options.now = texts.at == "now";
    options.every_span = texts.mode == "kiali";
    options.workload = std::move(texts.workload);
    options.name_space = std::move(texts.name_space);
    return options;
}

// How cells say by how much a request differs from a statistic.
enum class Scale : std::uint8_t { kAbsolute, kRelative };

Result<Scale> read_scale(std::string_view text) {
    if (!text.empty() && text != "absolute" && text != "relative") {
        return Error(ErrorKind::kInvalidArgument, "parameter 'scale' must be absolute or relative");
    }
    return text == "relative" ? Scale::kRelative : Scale::kAbsolute;
}

// In ms, or as a multiple of the statistic. A statistic may be 0: proxies count whole milliseconds.
double scaled(const business::HeatCell& cell, Scale scale) {
    if (scale == Scale::kAbsolute || cell.value == 0) {
        return cell.value;
    }
    return cell.stat > 0 ? std::min(cell.value / cell.stat, kMostTimes) : kMostTimes;
}

void write_cells(JsonWriter& json, const HeatCells& cells, Scale scale = Scale::kAbsolute) {
    json.begin_array();
    for (const auto& row : cells) {
        json.begin_array();
        for (const business::HeatCell& cell : row) {
            json.begin_object();
            if (cell.missing != MissingCell::kNone) {
                json.field("missing", business::to_string(cell.missing));
            } else {
                json.field("value", scaled(cell, scale)).field("stat", cell.stat);
                json.key("samples").unsigned_integer(cell.samples);
            }
            json.end_object();
        }
        json.end_array();
    }
    json.end_array();
}

// Columns and rows by name, and what else every matrix has.
void write_head(
    JsonWriter& json,
    const HeatOptions& options,
    const std::vector<business::HeatInterval>& intervals,
    const std::vector<business::HeatStat>& stats,
    Scale scale = Scale::kAbsolute
) {
    json.field("unit", scale == Scale::kRelative ? "times" : "ms")
        .field("at", options.now ? "now" : "trace");
    json.key("intervals").begin_array();
    for (const business::HeatInterval& interval : intervals) {
        json.string(interval.name);
    }
    json.end_array().key("stats").begin_array();
    for (const business::HeatStat& stat : stats) {
        json.string(stat.name);
    }
    json.end_array();
}

void write_span(JsonWriter& json, const business::Heatmap::Span& span, Scale scale) {
    json.begin_object().key("spanID").plain_string(span.id.to_hex()).key("target");
    if (span.target) {
        json.begin_object().field("cluster", safe_text(span.target->cluster));
        json.field("namespace", safe_text(span.target->ns)).field("kind", "workload");
        json.field("name", safe_text(span.target->name)).end_object();
    } else {
        json.null();
    }
    json.field("direction", business::to_string(span.direction));
    json.field("duration", span.duration_ns / 1000);
    write_cells(json.key("cells"), span.cells, scale);
    json.end_object();
}

void write_pair(JsonWriter& json, const business::Heatmap::Pair& pair) {
    json.begin_object().key("client").plain_string(pair.client.to_hex());
    json.key("server").plain_string(pair.server.to_hex()).key("gap");
    if (pair.gap_ns) {
        json.integer(*pair.gap_ns / 1000);
    } else {
        json.null();
    }
    json.end_object();
}

Awaitable<Response> heatmap(const Parts& parts, RequestContext context, const Request& request) {
    const auto id = read_trace_id(request.path_parameter("traceID"));
    if (!id) {
        co_return error_response(id.error(), context.request_id);
    }
    const auto given = Parameters::read(request.query, kRules);
    if (!given) {
        co_return error_response(given.error(), context.request_id);
    }
    OptionTexts texts;
    texts.at = given->text("at").value_or("");
    texts.mode = given->text("mode").value_or("");
    texts.workload = given->text("workload").value_or("");
    texts.name_space = given->text("namespace").value_or("");
    auto options = read_options(std::move(texts));
    if (!options) {
        co_return error_response(options.error(), context.request_id);
    }
    const auto scale = read_scale(given->text("scale").value_or(""));
    if (!scale) {
        co_return error_response(scale.error(), context.request_id);
    }
    business::HeatmapQuery query{*id, *options};
    auto map = co_await parts.heatmaps->of(context, std::move(query));
    if (!map) {
        co_return error_response(map.error(), context.request_id);
    }
    const business::HeatmapSettings& settings = parts.heatmaps->settings();
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("traceID").plain_string(map->id.to_hex());
    write_head(json, *options, settings.intervals, settings.stats, *scale);
    json.field("evaluatedAt", to_micros(map->evaluated_at));
    json.key("trace").begin_object().field("basis", safe_text(map->basis));
    write_cells(json.key("cells"), map->trace, *scale);
    json.end_object().key("spans").begin_array();
    for (const business::Heatmap::Span& span : map->spans) {
        write_span(json, span, *scale);
    }
    json.end_array().key("pairs").begin_array();
    for (const business::Heatmap::Pair& pair : map->pairs) {
        write_pair(json, pair);
    }
    json.end_array();
    write_meta(json.key("meta"), map->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

// A text member of a body; "" when it is not there.
Result<std::string> text_member(const Json& body, const char* name) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) {
        return std::string();
    }
    if (!found->is_string() || found->get_ref<const std::string&>().size() > 253) {
        return Error(
            ErrorKind::kInvalidArgument,
            "member '" + std::string(name) + "' of the body must be a text of at most 253 bytes"
        );
    }
    return found->get<std::string>();
}

Result<std::vector<TraceId>> read_ids(const Json& body) {
    const auto found = body.find("traceIDs");
    if (found == body.end() || !found->is_array() || found->size() > business::kMaxHeatmapTraces) {
        return Error(
            ErrorKind::kInvalidArgument,
            "member 'traceIDs' of the body must be a list of at most " +
                std::to_string(business::kMaxHeatmapTraces) + " trace IDs"
        );
    }
    std::vector<TraceId> ids;
    for (const Json& item : *found) {
        auto id = item.is_string() ? read_trace_id(item.get_ref<const std::string&>())
                                   : read_trace_id("");
        if (!id) {
            return id.error();
        }
        ids.push_back(*id);
    }
    return ids;
}

Result<business::HeatmapListQuery> read_list(const std::string& text) {
    if (text.size() > kMaxBodyBytes) {
        return Error(ErrorKind::kTooLarge, "the body is larger than 64 KiB");
    }
    const Json body = Json::parse(text, nullptr, false);
    if (!body.is_object()) {
        return Error(ErrorKind::kInvalidArgument, "the body must be a JSON object");
    }
    for (const auto& item : body.items()) {
        constexpr std::array<std::string_view, 5> kKnown{
            "traceIDs", "at", "mode", "workload", "namespace"
        };
        if (std::ranges::find(kKnown, item.key()) == kKnown.end()) {
            return Error(
                ErrorKind::kInvalidArgument,
                "the body may hold traceIDs, at, mode, workload and namespace, nothing else"
            );
        }
    }
    auto ids = read_ids(body);
    if (!ids) {
        return ids.error();
    }
    OptionTexts texts;
    const std::pair<const char*, std::string OptionTexts::*> members[] = {
        {"at", &OptionTexts::at},
        {"mode", &OptionTexts::mode},
        {"workload", &OptionTexts::workload},
        {"namespace", &OptionTexts::name_space},
    };
    for (const auto& [name, member] : members) {
        auto value = text_member(body, name);
        if (!value) {
            return value.error();
        }
        texts.*member = std::move(*value);
    }
    auto options = read_options(std::move(texts));
    if (!options) {
        return options.error();
    }
    return business::HeatmapListQuery{std::move(*ids), std::move(*options)};
}

Awaitable<Response> heatmaps(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_list(request.body);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    const HeatOptions options = query->options;
    auto list = co_await parts.heatmaps->of_many(context, std::move(*query));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_head(json, options, list->intervals, list->stats);
    json.field("basis", safe_text(business::basis_of(options)));
    const business::MomentGrid& grid = list->grid;
    json.key("grid").begin_object().field("start", to_micros(grid.start));
    json.field("end", to_micros(grid.at(grid.moments - 1)));
    json.field("step", std::chrono::microseconds(grid.step).count()).end_object();
    json.key("heatmaps").begin_array();
    for (const business::HeatmapList::Entry& entry : list->traces) {
        json.begin_object().key("traceID").plain_string(entry.id.to_hex());
        if (entry.missing) {
            const bool gone = entry.missing->kind() == ErrorKind::kNotFound;
            json.field("missing", gone ? "not_found" : "upstream");
        } else {
            json.field("evaluatedAt", to_micros(entry.evaluated_at));
            write_cells(json.key("cells"), entry.cells);
        }
        json.end_object();
    }
    json.end_array();
    write_meta(json.key("meta"), list->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

}  // namespace

void add_heatmap_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        "/api/traces/{traceID}/heatmap",
        bind(parts, Entry::kSignedIn, heatmap)
    );
    router.add(
        server::Method::kPost, "/api/traces/heatmaps", bind(parts, Entry::kSignedIn, heatmaps)
    );
}

}  // namespace meshscope::handlers
