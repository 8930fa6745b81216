#include "business/logs.hpp"
#include "handlers/bind.hpp"
#include "handlers/duration_text.hpp"
#include "handlers/error_response.hpp"
#include "handlers/log_json.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/trace_json.hpp"

#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;

constexpr std::array<ParameterRule, 9> kRules{{
    {"clusterName", ParameterType::kText, 0, 253},
    {"container", ParameterType::kText, 0, 253},
    {"duration", ParameterType::kText, 0, 64},
    {"logType", ParameterType::kText, 0, 16},
    {"maxLines",
     ParameterType::kInteger,
     std::numeric_limits<std::int32_t>::min(),
     std::numeric_limits<std::int32_t>::max()},
    {"previous", ParameterType::kBoolean},
    {"service", ParameterType::kText, 0, 253},
    {"sinceTime", ParameterType::kInteger, 0, kMaxSeconds},
    {"workload", ParameterType::kText, 0, 253},
}};

std::optional<Error> check_path(const Request& request) {
    if (auto error = check_name("namespace", request.path_parameter("namespace"), false)) {
        return error;
    }
    return check_name("pod", request.path_parameter("pod"), true);
}

std::optional<models::LogSource> kind_of(std::string_view type) {
    if (type == "app") {
        return models::LogSource::kApp;
    }
    if (type == "proxy") {
        return models::LogSource::kProxy;
    }
    if (type == "waypoint") {
        return models::LogSource::kWaypoint;
    }
    return type == "ztunnel" ? std::optional(models::LogSource::kZtunnel) : std::nullopt;
}

Result<business::PodLogQuery> read_query(const Request& request) {
    if (auto error = check_path(request)) {
        return std::move(*error);
    }
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        return parameters.error();
    }
    business::PodLogQuery query;
    query.ns = request.path_parameter("namespace");
    query.pod = request.path_parameter("pod");
    query.container = parameters->text("container").value_or("");
    query.cluster_name = parameters->text("clusterName").value_or("");
    const std::string_view type = parameters->text("logType").value_or("app");
    const std::optional<models::LogSource> kind = kind_of(type);
    if (!kind) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'logType' must be app, proxy, waypoint or ztunnel"
        );
    }
    query.kind = *kind;
    query.workload = parameters->text("workload").value_or("");
    query.service = parameters->text("service").value_or("");
    if (*kind == models::LogSource::kWaypoint && query.workload.empty()) {
        return Error(
            ErrorKind::kInvalidArgument, "parameter 'workload' is required with logType=waypoint"
        );
    }
    query.previous = parameters->boolean("previous");
    if (query.previous && *kind != models::LogSource::kApp && *kind != models::LogSource::kProxy) {
        return Error(
            ErrorKind::kInvalidArgument, "parameter 'previous' goes with logType app or proxy only"
        );
    }
    if (const auto lines = parameters->integer("maxLines"); lines && *lines > 0) {
        query.max_lines = static_cast<std::uint64_t>(*lines);
    }
    if (const auto since = parameters->integer("sinceTime")) {
        query.since = SystemTime(std::chrono::seconds(*since));
    }
    if (const auto text = parameters->text("duration")) {
        query.duration = parse_duration(*text);
        if (!query.duration) {
            return Error(
                ErrorKind::kInvalidArgument,
                "parameter 'duration' must be a duration such as 90s, 1m30s or 1.5h"
            );
        }
    }
    return query;
}

// The lines in pieces; what they point into lives as long as it.
class LineSource {
 public:
    explicit LineSource(business::PodLog log) : log_(std::move(log)) {}

    bool next(std::string& out) {
        const std::size_t begin = out.size();
        if (next_ == 0) {
            out.append(R"({"entries":[)");
        }
        while (next_ < log_.lines.size()) {
            if (out.size() - begin >= kPieceBytes) {
                return true;
            }
            if (next_ > 0) {
                out.push_back(',');
            }
            JsonWriter json(out);
            write_pod_line(json, log_.lines[next_++]);
        }
        out.append(log_.truncated ? R"(],"linesTruncated":true,"meta":)" : R"(],"meta":)");
        JsonWriter json(out);
        write_meta(json, log_.meta);
        out.push_back('}');
        return false;
    }

 private:
    business::PodLog log_;
    std::size_t next_ = 0;
};

Awaitable<Response> pod_logs(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_query(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto log = co_await parts.logs->of_pod(context, std::move(*query));
    if (!log) {
        co_return error_response(log.error(), context.request_id);
    }
    auto source = std::make_shared<LineSource>(std::move(*log));
    server::BodySource body = [source](std::string& out) { return source->next(out); };
    co_return Response::stream(std::move(body));
}

}  // namespace

void add_pod_log_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/pods/{pod}/logs",
        bind(parts, Entry::kSignedIn, pod_logs)
    );
}

}  // namespace meshscope::handlers
