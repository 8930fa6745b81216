#include "business/log_lines.hpp"
#include "business/log_parse.hpp"
#include "business/log_spans.hpp"
#include "business/logs.hpp"
#include "core/json_writer.hpp"
#include "handlers/log_json.hpp"
#include "server/content_coding.hpp"
#include "tests/bench/cpu_time.hpp"
#include "tests/bench/entries.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

constexpr std::size_t kSources = 10;
constexpr std::size_t kLinesEach = 1'000;
constexpr std::size_t kLineBytes = 64UL << 10U;
constexpr std::size_t kPieceOfLog = 64UL << 10U;
constexpr std::size_t kPieceOfAnswer = 64UL << 10U;
constexpr double kAtMost = 5;
constexpr int kTimes = 10;  // as many runs as others: they are short

// Of a proxy (every even source) or a program; all of one minute, ids are all different.
std::string log_of(std::size_t source) {
    std::string log;
    for (std::size_t i = 0; i < kLinesEach; ++i) {
        const std::size_t number = i * kSources + source;
        const std::size_t ms = number * 6;
        const std::string time =
            fmt::format("2026-03-04T05:06:{:02}.{:03}", ms / 1'000, ms % 1'000);
        const std::string id = fmt::format("5b6d1c1e-7f0a-4f60-9a43-{:012x}", number * 7'919);
        if (source % 2 == 0) {
            log += fmt::format(
                "{0}123456Z [{0}Z] \"GET /reviews/{1}?full=1 HTTP/1.1\" 200 - via_upstream - \"-\" "
                "0 "
                "{2} {3} {3} \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101\" "
                "\"{4}\" \"reviews:9080\" \"10.1.0.{5}:9080\" inbound|9080|| 127.0.0.6:33704 "
                "10.1.0.{5}:9080 10.1.0.4:39880 "
                "outbound_.9080_._.reviews.bookinfo.svc.cluster.local default\n",
                time,
                number,
                number % 900,
                number % 70,
                id,
                source
            );
        } else {
            log += fmt::format(
                "{}123456Z {{\"level\":\"info\",\"msg\":\"review {} served in {} "
                "ms\",\"request_id\":\"{}\",\"trace_id\":\"{:032x}\"}}\n",
                time,
                number,
                number % 70,
                id,
                number * 104'729 + 1
            );
        }
    }
    return log;
}

business::LogPlace place_of(std::size_t source) {
    business::LogPlace place;
    place.ns = "bookinfo";
    place.pod = fmt::format("reviews-v1-7c9d5b8f6-{:05}", source);
    place.container = source % 2 == 0 ? "istio-proxy" : "reviews";
    place.kind = source % 2 == 0 ? models::LogSource::kProxy : models::LogSource::kApp;
    return place;
}

// As they come from the API server.
std::vector<business::RawLog> raw_of(const std::vector<std::string>& logs) {
    std::vector<business::RawLog> raws(logs.size());
    for (std::size_t i = 0; i < logs.size(); ++i) {
        raws[i].bytes = logs[i].size();
        for (std::size_t at = 0; at < logs[i].size(); at += kPieceOfLog) {
            raws[i].pieces.push_back(logs[i].substr(at, kPieceOfLog));
        }
    }
    return raws;
}

// As the route does it: the answer leaves in pieces and is never there as a whole.
std::size_t write_timeline(
    std::vector<business::RawLog> raws,
    const business::Masker& masker,
    const std::function<void(std::string_view)>& take
) {
    const business::AccessLogParser parser;
    business::LogParse parse(parser, &masker, kLineBytes);
    business::LogTimeline timeline;
    for (std::size_t i = 0; i < raws.size(); ++i) {
        business::SourceState state;
        state.place = place_of(i);
        parse.add(state.place.kind, std::move(raws[i]));
        timeline.sources.push_back(std::move(state));
    }
    std::vector<business::ParsedLog> parsed = parse.run();
    std::vector<std::vector<models::LogLine>> sources;
    for (business::ParsedLog& log : parsed) {
        sources.push_back(std::move(log.lines));
    }
    constexpr std::size_t kAll = std::numeric_limits<std::uint32_t>::max();
    timeline.entries =
        business::weave(business::merge_newest(std::move(sources), kAll), {}, 0, {}, kAll);
    std::size_t bytes = 0;
    std::string out;
    for (const business::LogEntry& entry : timeline.entries) {
        JsonWriter json(out);
        handlers::write_timeline_entry(json, timeline, entry, masker);
        if (out.size() >= kPieceOfAnswer || &entry == &timeline.entries.back()) {
            take(out);
            bytes += out.size();
            out.clear();
        }
    }
    return bytes;
}

}  // namespace

void bench_logs(const Options& options, Report& report) {
    std::vector<std::string> logs;
    std::string all;
    for (std::size_t i = 0; i < kSources; ++i) {
        logs.push_back(log_of(i));
        all += logs.back();
    }
    const business::Masker masker;
    std::string written;
    write_timeline(raw_of(logs), masker, [&](std::string_view piece) { written += piece; });
    if (written.find("\"requestId\"") == std::string::npos || written.size() < all.size()) {
        throw std::runtime_error("logs: the access lines were not read");
    }
    std::size_t bytes = 0;
    std::string packed;
    Line line;
    line.name = fmt::format(
        "logs: 10 000 lines ({:.1f} MB) parsed, merged and written ({:.1f} MB), over copied and "
        "compressed",
        static_cast<double>(all.size()) / 1e6,
        static_cast<double>(written.size()) / 1e6
    );
    line.unit = "ms CPU";
    std::vector<business::RawLog> received;
    const auto receive = [&] { received = raw_of(logs); };
    const auto answer = [&] {
        bytes += write_timeline(std::move(received), masker, [](std::string_view) {});
    };
    const auto copy_and_pack = [&] {
        const std::string copy(all.data(), all.size());
        packed.clear();
        server::make_encoder(server::ContentCoding::kGzip)->write(copy, true, packed);
        bytes += packed.size();
    };
    line.ours = median_cpu(kTimes * options.runs, receive, answer);
    line.baseline = median_cpu(kTimes * options.runs, copy_and_pack);
    line.ratio = line.ours / *line.baseline;
    line.goal = Line::Goal::kAtMost;
    line.target = kAtMost;
    report.lines.push_back(std::move(line));
    if (bytes == 0) {
        throw std::runtime_error("logs: nothing was written");
    }
}

}  // namespace meshscope::bench
