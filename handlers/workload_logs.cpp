#include "business/logs.hpp"
#include "core/text.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/log_events.hpp"
#include "handlers/log_json.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/trace_json.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::size_t kMaxContainers = 100;

constexpr std::array<ParameterRule, 12> kRules{{
    {"clusterName", ParameterType::kText, 0, 253},
    {"tail", ParameterType::kInteger, 1, business::kMaxTail},
    {"since", ParameterType::kText, 0, 32},
    {"containers", ParameterType::kText, 0, 8192},
    {"contains", ParameterType::kText, 0, 1024},
    {"matches", ParameterType::kText, 0, 1024},
    {"requestId", ParameterType::kText, 0, 128},
    {"severity", ParameterType::kText, 0, 16},
    {"spans", ParameterType::kBoolean},
    {"follow", ParameterType::kBoolean},
    {"previous", ParameterType::kBoolean},
    {"spanLimit", ParameterType::kInteger, 1, 1000},
}};

std::optional<Error> check_path(const Request& request) {
    if (auto error = check_name("namespace", request.path_parameter("namespace"), false)) {
        return error;
    }
    return check_name("workload", request.path_parameter("workload"), true);
}

// Microseconds since the epoch, or "<n>s": seconds before now.
Result<SystemTime> read_since(std::string_view text, SystemTime now) {
    const bool before_now = text.ends_with('s');
    const std::string_view digits = before_now ? text.substr(0, text.size() - 1) : text;
    std::int64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    const std::int64_t most = before_now ? kMaxMicros / 1'000'000 : kMaxMicros;
    if (parsed.ec != std::errc() || parsed.ptr != end || value < 0 || value > most) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'since' must be a time in microseconds, or seconds before now such as 300s"
        );
    }
    return before_now ? std::max(now - std::chrono::seconds(value), SystemTime())
                      : from_micros(value);
}

Result<std::vector<std::string>> read_containers(std::string_view text) {
    std::vector<std::string> names;
    for (const std::string_view name : split(text, ',')) {
        if (auto error = check_name("container", name, false)) {
            return std::move(*error);
        }
        names.emplace_back(name);
    }
    if (names.size() > kMaxContainers) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'containers' must not hold more than " + std::to_string(kMaxContainers) +
                " names"
        );
    }
    return names;
}

struct Asked {
    business::TimelineQuery query;
    bool follow = false;
};

Result<Asked> read_query(const Parts& parts, const Request& request) {
    if (auto error = check_path(request)) {
        return std::move(*error);
    }
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        return parameters.error();
    }
    Asked asked;
    asked.follow = parameters->boolean("follow");
    business::TimelineQuery& query = asked.query;
    query.previous = parameters->boolean("previous");
    if (query.previous && asked.follow) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'previous' does not go with 'follow': what has ended is not written on"
        );
    }
    query.ns = request.path_parameter("namespace");
    query.workload = request.path_parameter("workload");
    query.cluster_name = parameters->text("clusterName").value_or("");
    query.wanted.contains = parameters->text("contains").value_or("");
    query.wanted.matches = parameters->text("matches").value_or("");
    query.wanted.request_id = parameters->text("requestId").value_or("");
    query.wanted.severity = parameters->text("severity").value_or("");
    query.spans = parameters->boolean("spans");
    if (const auto limit = parameters->integer("spanLimit")) {
        query.span_limit = static_cast<std::uint32_t>(*limit);
    }
    if (const auto tail = parameters->integer("tail")) {
        query.tail = static_cast<std::uint32_t>(*tail);
    }
    if (const auto text = parameters->text("since")) {
        const auto since = read_since(*text, parts.logs->now());
        if (!since) {
            return since.error();
        }
        query.since = *since;
    }
    if (const auto text = parameters->text("containers")) {
        auto names = read_containers(*text);
        if (!names) {
            return names.error();
        }
        query.containers = std::move(*names);
    }
    return asked;
}

// The entries in pieces; what they point into lives as long as it.
class EntrySource {
 public:
    EntrySource(business::LogTimeline timeline, std::shared_ptr<const business::Masker> masker)
        : timeline_(std::move(timeline)), masker_(std::move(masker)) {}

    bool next(std::string& out) {
        const std::size_t begin = out.size();
        if (next_ == 0) {
            out.append(R"({"entries":[)");
        }
        while (next_ < timeline_.entries.size()) {
            if (out.size() - begin >= kPieceBytes) {
                return true;
            }
            if (next_ > 0) {
                out.push_back(',');
            }
            JsonWriter json(out);
            write_timeline_entry(json, timeline_, timeline_.entries[next_++], *masker_);
        }
        out.append(R"(],"sources":)");
        JsonWriter json(out);
        json.begin_array();
        for (const business::SourceState& source : timeline_.sources) {
            write_source(json, source);
        }
        json.end_array();
        out.append(R"(,"meta":)");
        JsonWriter meta(out);
        write_meta(meta, timeline_.meta);
        out.push_back('}');
        return false;
    }

 private:
    business::LogTimeline timeline_;
    std::shared_ptr<const business::Masker> masker_;
    std::size_t next_ = 0;
};

Awaitable<Response> follow_logs(
    const Parts& parts,
    RequestContext context,
    const Request& request,
    business::TimelineQuery query
) {
    const std::string ns = query.ns;
    std::string resume(request.headers.get("Last-Event-ID").value_or(""));
    auto followed = co_await parts.logs->follow(context, std::move(query), std::move(resume));
    if (!followed) {
        co_return error_response(followed.error(), context.request_id);
    }
    auto events = log_events(parts, std::move(context), request, std::move(*followed), ns);
    co_return Response::live("text/event-stream", std::move(events));
}

Awaitable<Response> workload_logs(
    const Parts& parts, RequestContext context, const Request& request
) {
    auto asked = read_query(parts, request);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    if (asked->follow) {
        co_return co_await follow_logs(parts, std::move(context), request, std::move(asked->query));
    }
    auto timeline = co_await parts.logs->timeline(context, std::move(asked->query));
    if (!timeline) {
        co_return error_response(timeline.error(), context.request_id);
    }
    auto source = std::make_shared<EntrySource>(std::move(*timeline), parts.masker);
    server::BodySource body = [source](std::string& out) { return source->next(out); };
    co_return Response::stream(std::move(body));
}

}  // namespace

void add_workload_log_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/workloads/{workload}/logs",
        bind(parts, Entry::kSignedIn, workload_logs)
    );
}

}  // namespace meshscope::handlers
