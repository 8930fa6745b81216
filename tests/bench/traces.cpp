#include "tests/bench/traces.hpp"

#include <fmt/format.h>

#include <array>

namespace meshscope::bench {

namespace {

// splitmix64: the same numbers everywhere.
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
    std::uint64_t state_;
};

struct Workload {
    std::string_view app;
    std::string_view workload;
    std::string_view hash;
    std::string_view path;
};
constexpr std::array<Workload, 6> kWorkloads{{
    {"productpage", "productpage-v1", "6f89b6c557", "/productpage"},
    {"details", "details-v1", "79f774bdb9", "/details/0"},
    {"reviews", "reviews-v1", "68c4f6d5b7", "/reviews/0"},
    {"reviews", "reviews-v2", "5d99885bc9", "/reviews/0"},
    {"reviews", "reviews-v3", "7dbcdcbc56", "/reviews/0"},
    {"ratings", "ratings-v1", "b6994bb9c", "/ratings/0"},
}};

std::string pod_of(const Workload& workload, Random& random) {
    constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
    std::string suffix;
    for (int i = 0; i < 5; ++i) {
        suffix.push_back(kLetters[random.below(kLetters.size())]);
    }
    return fmt::format("{}-{}-{}", workload.workload, workload.hash, suffix);
}

BenchProcess process_of(const Workload& workload, const std::string& pod, std::size_t index) {
    return {
        fmt::format("{}.bookinfo", workload.app),
        {{"ip", fmt::format("10.244.0.{}", 20 + index)},
         {"hostname", pod},
         {"telemetry.sdk.name", "envoy"}},
    };
}

std::vector<BenchTag> tags_of(
    const Workload& workload, const std::string& pod, bool client, std::size_t index, Random& random
) {
    const std::uint64_t roll = random.below(100);
    const std::string_view status = roll < 95 ? "200" : roll < 98 ? "404" : "503";
    const std::string cluster =
        client ? fmt::format("outbound|9080||{}.bookinfo.svc.cluster.local", workload.app)
               : std::string("inbound|9080||");
    std::vector<BenchTag> tags{
        {"component", "proxy"},
        {"node_id",
         fmt::format("sidecar~10.244.0.{}~{}.bookinfo~bookinfo.svc.cluster.local", 20 + index, pod)
        },
        {"guid:x-request-id",
         fmt::format(
             "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
             random.below(1ULL << 32U),
             random.below(1U << 16U),
             random.below(1U << 12U),
             random.below(1U << 12U),
             random.below(1ULL << 48U)
         )},
        {"http.method", "GET"},
        {"http.url",
         fmt::format(
             "http://{}:9080{}{}",
             workload.app,
             workload.path,
             random.below(20) == 0 ? "?u=normal&page=2" : ""
         )},
        {"user_agent", "curl/7.88.1"},
        {"http.protocol", "HTTP/1.1"},
        {"peer.address",
         fmt::format("10.244.0.{}:{}", 20 + random.below(40), 32768 + random.below(28000))},
        {"request_size", "0"},
        {"response_size", std::to_string(random.below(6000))},
        {"upstream_cluster", cluster},
        {"http.status_code", std::string(status)},
        {"response_flags", status == "503" ? "UF,URX" : "-"},
        {"istio.namespace", "bookinfo"},
        {"span.kind", client ? "client" : "server"},
    };
    tags.push_back({"sampler.priority", std::to_string(random.below(3)), true});
    return tags;
}

BenchTrace make_trace(std::size_t number, std::size_t spans, Random& random) {
    BenchTrace trace;
    trace.id_high = random.next();
    trace.id_low = random.next();
    std::vector<std::string> pods;
    for (std::size_t i = 0; i < kWorkloads.size(); ++i) {
        pods.push_back(pod_of(kWorkloads[i], random));
        trace.processes.push_back(process_of(kWorkloads[i], pods.back(), i));
    }
    std::uint64_t at = kFirstStartMicros + number * 1'000'000;
    for (std::size_t i = 0; i < spans; ++i) {
        const std::size_t who = i == 0 ? 0 : random.below(kWorkloads.size());
        BenchSpan span;
        span.id = random.next();
        span.parent =
            i == 0 ? 0 : trace.spans[i - 1 - random.below(std::min<std::size_t>(i, 8))].id;
        span.start_us = at;
        span.duration_us = 200 + random.below(90'000);
        at += random.below(500);
        span.operation = fmt::format("{}.bookinfo.svc.cluster.local:9080/*", kWorkloads[who].app);
        span.tags = tags_of(kWorkloads[who], pods[who], i % 2 == 1, who, random);
        span.process = who;
        trace.spans.push_back(std::move(span));
    }
    return trace;
}

// As Go's encoder writes it: '&' is escaped.
void append_text(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '&') {
            out.append("\\u0026");
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void append_tags(std::string& out, const std::vector<BenchTag>& tags) {
    char separator = '[';
    for (const BenchTag& tag : tags) {
        out.push_back(separator);
        separator = ',';
        out.append("{\"key\":");
        append_text(out, tag.key);
        out.append(
            tag.is_number ? ",\"type\":\"int64\",\"value\":" : ",\"type\":\"string\",\"value\":"
        );
        if (tag.is_number) {
            out.append(tag.value);
        } else {
            append_text(out, tag.value);
        }
        out.push_back('}');
    }
    out.push_back(']');
}

void append_span(std::string& out, const BenchTrace& trace, const BenchSpan& span) {
    const std::string trace_id = fmt::format("{:016x}{:016x}", trace.id_high, trace.id_low);
    out.append(
        fmt::format(R"({{"traceID":"{}","spanID":"{:016x}","operationName":)", trace_id, span.id)
    );
    append_text(out, span.operation);
    out.append(",\"references\":[");
    if (span.parent != 0) {
        out.append(fmt::format(
            R"({{"refType":"CHILD_OF","traceID":"{}","spanID":"{:016x}"}})", trace_id, span.parent
        ));
    }
    out.append(
        fmt::format(R"(],"startTime":{},"duration":{},"tags":)", span.start_us, span.duration_us)
    );
    append_tags(out, span.tags);
    out.append(fmt::format(R"(,"logs":[],"processID":"p{}","warnings":null}})", span.process + 1));
}

}  // namespace

std::vector<BenchTrace> make_traces(std::size_t traces, std::size_t spans_per_trace) {
    Random random(20'251'121);
    std::vector<BenchTrace> out;
    out.reserve(traces);
    for (std::size_t i = 0; i < traces; ++i) {
        out.push_back(make_trace(i, spans_per_trace, random));
    }
    return out;
}

std::string to_jaeger_json(const std::vector<BenchTrace>& traces) {
    std::string out = "{\"data\":[";
    for (std::size_t t = 0; t < traces.size(); ++t) {
        const BenchTrace& trace = traces[t];
        out.append(t == 0 ? "" : ",");
        out.append(
            fmt::format(R"({{"traceID":"{:016x}{:016x}","spans":[)", trace.id_high, trace.id_low)
        );
        for (std::size_t i = 0; i < trace.spans.size(); ++i) {
            out.append(i == 0 ? "" : ",");
            append_span(out, trace, trace.spans[i]);
        }
        out.append("],\"processes\":{");
        for (std::size_t p = 0; p < trace.processes.size(); ++p) {
            out.append(fmt::format(
                R"({}"p{}":{{"serviceName":"{}","tags":)",
                p == 0 ? "" : ",",
                p + 1,
                trace.processes[p].service
            ));
            append_tags(out, trace.processes[p].tags);
            out.push_back('}');
        }
        out.append("},\"warnings\":null}");
    }
    out.append("],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n");
    return out;
}

}  // namespace meshscope::bench
