#pragma once

#include "business/logs.hpp"
#include "business/traces.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

using business::Logs;
using business::LogTimeline;
using business::PodLog;
using business::PodLogQuery;
using business::TimelineQuery;

inline constexpr std::int64_t kLogsBase = 1'772'600'767;  // 2026-03-04T05:06:07Z

// "2026-03-04T05:06:07Z text", `second` after kLogsBase (below a minute).
inline std::string stamped(int second, const std::string& text) {
    const std::string digits = std::to_string(second + 7);
    return "2026-03-04T05:06:" + std::string(digits.size() < 2 ? "0" : "") + digits + "Z " + text +
           "\n";
}

inline std::string access_line(int second, const std::string& path) {
    const std::string stamp = stamped(second, "").substr(0, 19);
    return "[" + stamp + ".500Z] \"GET " + path +
           " HTTP/1.1\" 200 - via_upstream - \"-\" 0 99 14 13 \"-\" \"curl\" \"id-" +
           path.substr(1) +
           "\" \"cart:80\" \"10.1.0.9:80\" inbound|80|| 127.0.0.6:1 10.1.0.9:80 10.1.0.4:2 - "
           "default";
}

struct LogsFixture {
    ManualClock clock{SystemTime(std::chrono::seconds(kLogsBase + 60))};
    FakeCluster cluster{&clock};
    business::CallerAccess access;
    business::Masker masker;
    std::vector<std::string> pods;
    FakeTraceStore store;
    business::Traces traces{traces_parts()};
    Logs::Parts parts;
    std::string token;  // "": anonymous

    LogsFixture() {
        WorkloadRow row;
        row.pods = 2;
        pods = cluster.add_workload("shop", "cart-v1", row);
        cluster.add_user("token-a", {"a", {"shop"}});
        parts.cluster = &cluster;
        parts.traces = &traces;
        parts.access = &access;
        parts.masker = &masker;
        parts.clock = &clock;
    }

    business::Traces::Parts traces_parts() {
        business::Traces::Parts out;
        out.store = &store;
        out.access = &access;
        out.clock = &clock;
        out.masker = &masker;
        out.cluster = &cluster;
        return out;
    }

    // A trace of one span of the first pod's proxy, which began `second` after kLogsBase.
    void add_span(std::uint64_t trace, int second, const std::string& request) {
        SpanRow row;
        row.service = "cart-v1.shop";
        row.operation = "op" + std::to_string(second);
        row.start_us = (kLogsBase + second) * 1'000'000;
        row.duration_us = 500'000;
        row.tags = {
            {"node_id", "sidecar~10.0.0.1~" + pods[0] + ".shop~shop.svc.cluster.local"},
            {"guid:x-request-id", request}
        };
        store.add(make_trace({0, trace}, {row}));
    }

    void set(std::size_t pod, const std::string& container, const std::string& text) {
        cluster.set_log("shop", pods[pod], container, text);
    }

    [[nodiscard]] RequestContext context() const {
        RequestContext out;
        if (token.empty()) {
            out.caller = business::anonymous_caller();
            return out;
        }
        auto credentials = std::make_shared<CallerCredentials>();
        credentials->token = token;
        credentials->key = std::string(64, '1');
        auto visible = std::make_shared<VisibleNamespaces>();
        visible->names = {"shop"};
        out.caller.credentials = std::move(credentials);
        out.caller.visible = std::move(visible);
        return out;
    }

    Result<LogTimeline> timeline(TimelineQuery query = {}) {
        query.ns = query.ns.empty() ? "shop" : query.ns;
        query.workload = query.workload.empty() ? "cart-v1" : query.workload;
        const Logs logs(parts);
        return run_coroutine<Result<LogTimeline>>([&] { return logs.timeline(context(), query); });
    }

    Result<PodLog> pod(PodLogQuery query = {}) {
        query.ns = query.ns.empty() ? "shop" : query.ns;
        query.pod = query.pod.empty() ? pods[0] : query.pod;
        const Logs logs(parts);
        return run_coroutine<Result<PodLog>>([&] { return logs.of_pod(context(), query); });
    }
};

inline std::string messages(const LogTimeline& timeline) {
    std::string text;
    for (const auto& entry : timeline.entries) {
        if (const auto* line = std::get_if<models::LogLine>(&entry.what)) {
            text += std::string(line->message.substr(0, 12)) + ",";
        } else {
            const auto& place = std::get<business::SpanEntry>(entry.what);
            const auto& trace = *timeline.traces[place.trace].trace;
            text += "span " + std::string(trace.spans[place.span].operation) + ",";
        }
    }
    return text;
}

inline const models::LogLine& line_of(const LogTimeline& timeline, std::size_t entry) {
    return std::get<models::LogLine>(timeline.entries[entry].what);
}

inline std::string messages(const PodLog& log) {
    std::string text;
    for (const auto& line : log.lines) {
        text += std::string(line.message.substr(0, 12)) + ",";
    }
    return text;
}

}  // namespace meshscope::test
