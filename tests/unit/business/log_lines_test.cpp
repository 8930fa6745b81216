#include "business/log_lines.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using business::AccessLogParser;
using business::LineReader;
using business::LogTexts;
using business::Masker;
using models::LogLine;
using models::LogSource;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kBase = 1'772'600'767 * kSecond;  // 2026-03-04T05:06:07Z
const std::string kStamp = "2026-03-04T05:06:07Z ";

struct Read {
    std::vector<LogLine> lines;
    LogTexts texts;
};

Read read(
    const std::string& log,
    LogSource kind = LogSource::kApp,
    std::size_t piece = std::string::npos,
    std::size_t line_bytes = 64UL << 10U
) {
    static const AccessLogParser kParser;
    static const Masker kMasker;
    Read out;
    LineReader reader({3, kind}, kParser, &kMasker, line_bytes);
    for (std::size_t at = 0; at < log.size(); at += piece) {
        reader.feed(std::string_view(log).substr(at, piece), out.lines, out.texts);
        if (piece == std::string::npos) {
            break;
        }
    }
    reader.finish(out.lines, out.texts);
    return out;
}

std::string time_of(std::int64_t nanos) {
    std::string out;
    business::append_log_time(out, nanos);
    return out;
}

LogLine line_at(std::int64_t time, std::uint32_t source, std::string_view message) {
    LogLine line;
    line.time_ns = time;
    line.source = source;
    line.message = message;
    return line;
}

}  // namespace

TEST_CASE("a line has a stamp, a message and a severity", "[logs]") {
    struct Row {
        std::string line, message, severity, time;
    };
    const std::vector<Row> rows{
        {"2026-03-04T05:06:07.123456789Z listening", "listening", "INFO", "2026-03-04 05:06:07.123"
        },
        {"2026-03-04T05:06:07.5Z x", "x", "INFO", "2026-03-04 05:06:07.500"},
        {"2026-03-04T05:06:07.05Z x", "x", "INFO", "2026-03-04 05:06:07.050"},
        {kStamp + "x", "x", "INFO", "2026-03-04 05:06:07.000"},
        {kStamp + "GET /api/traces ok", "GET /api/traces ok", "INFO", "2026-03-04 05:06:07.000"},
        {kStamp + "level=warning disk", "level=warning disk", "WARN", "2026-03-04 05:06:07.000"},
        {kStamp + "  two  words \t\r", "two  words", "INFO", "2026-03-04 05:06:07.000"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        const Read got = read(row.line);
        REQUIRE(got.lines.size() == 1);
        CHECK(got.lines[0].message == row.message);
        CHECK(got.lines[0].severity == row.severity);
        CHECK(time_of(got.lines[0].time_ns) == row.time);
        CHECK(got.lines[0].source == 3);
        CHECK_FALSE(got.lines[0].cut);
    }
    for (const std::string text :
         {"garbage", "notatime text", "2026-03-04T05:06:07Z   ", "", "\n\n"}) {
        CAPTURE(text);
        CHECK(read(text).lines.empty());
    }
}

TEST_CASE("a line without a stamp takes the time of the one before", "[logs]") {
    const Read got = read(
        "failed before the first\n" + kStamp + "one\nfailed to watch file\n2026-03-04T05:06:08Z two"
    );
    REQUIRE(got.lines.size() == 3);
    CHECK(got.lines[1].message == "failed to watch file");
    CHECK(got.lines[1].time_ns == kBase);
    CHECK(got.lines[2].time_ns == kBase + kSecond);
}

TEST_CASE("access lines take the request's own time, ids and no severity of their text", "[logs]") {
    const std::string access =
        R"([2026-03-04T05:06:07.120Z] "GET /error HTTP/1.1" 500 - via_upstream - "-" 0 99 14 13 )"
        R"("-" "error" "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11" "cart.shop:8000" "10.1.0.9:8000" )"
        R"(inbound|8000|| 127.0.0.6:33704 10.1.0.9:8000 10.1.0.4:39880 - default)";
    const std::string log = "2026-03-04T05:06:08.000000001Z " + access + "\n";
    const Read proxy = read(log, LogSource::kProxy);
    REQUIRE(proxy.lines.size() == 1);
    const LogLine& line = proxy.lines[0];
    REQUIRE(line.access);
    CHECK(line.time_ns == kBase + 120'000'000);
    CHECK(line.stamped_ns == kBase + kSecond + 1);
    CHECK(line.severity == "INFO");
    CHECK(line.request_id == "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11");
    CHECK(line.access->status_code == "500");

    const Read app = read(log, LogSource::kApp);
    REQUIRE(app.lines.size() == 1);
    CHECK_FALSE(app.lines[0].access);
    CHECK(app.lines[0].time_ns == kBase + kSecond + 1);
    CHECK(app.lines[0].request_id == "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11");

    const Read json = read(
        kStamp + R"({"response_code":200,"method":"GET","path":"/\u0061","start_time":"-"})",
        LogSource::kWaypoint
    );
    REQUIRE(json.lines.size() == 1);
    REQUIRE(json.lines[0].access);
    CHECK(json.lines[0].access->path == "/a");
    CHECK(json.lines[0].time_ns == kBase);
}

TEST_CASE("bytes that are no text, colours and long lines are kept within their bounds", "[logs]") {
    const std::string nul("a\0b", 3);
    const std::string log = kStamp + "bad \xFF\xC3 end\r\n" + kStamp + nul + "\n" + kStamp +
                            "\x1b[31mERROR\x1b[0m red\n" + kStamp + std::string(300, 'x') + "\n" +
                            kStamp + std::string(99, 'y') + "\xC3\xA9" + "\n" + kStamp + "last";
    const Read whole = read(log, LogSource::kApp, std::string::npos, 100);
    REQUIRE(whole.lines.size() == 6);
    CHECK(whole.lines[0].message == "bad \xEF\xBF\xBD\xEF\xBF\xBD end");
    CHECK(whole.lines[1].message == nul);
    CHECK(whole.lines[2].severity == "ERROR");
    CHECK(whole.lines[3].message == std::string(100, 'x'));
    CHECK(whole.lines[3].cut);
    CHECK(whole.lines[4].message == std::string(99, 'y'));  // not half a character
    CHECK(whole.lines[4].cut);
    CHECK(whole.lines[5].message == "last");
    for (std::size_t piece = 1; piece < 50; ++piece) {
        const Read got = read(log, LogSource::kApp, piece, 100);
        REQUIRE(got.lines.size() == whole.lines.size());
        for (std::size_t i = 0; i < got.lines.size(); ++i) {
            CAPTURE(piece, i);
            CHECK(got.lines[i].message == whole.lines[i].message);
            CHECK(got.lines[i].time_ns == whole.lines[i].time_ns);
            CHECK(got.lines[i].cut == whole.lines[i].cut);
        }
    }
}

TEST_CASE("secrets in lines are hidden before anything is read of them", "[logs]") {
    const Read app = read(kStamp + "calling http://u:pw@host/x?token=abc&a=1");
    REQUIRE(app.lines.size() == 1);
    CHECK(app.lines[0].message == "calling http://xxx@host/x?token=xxx&a=1");
    const Read proxy = read(
        kStamp + R"({"response_code":200,"method":"GET","path":"/x?access_token=abc&a=1"})",
        LogSource::kProxy
    );
    REQUIRE(proxy.lines.size() == 1);
    REQUIRE(proxy.lines[0].access);
    CHECK(proxy.lines[0].access->path == "/x?access_token=xxx&a=1");
}

TEST_CASE("large pieces of a log are kept and read as small ones", "[logs]") {
    std::string log;
    for (int i = 0; i < 400; ++i) {
        const std::string second = std::to_string(10 + i % 50);
        log += "2026-03-04T05:06:" + second + "Z line " + std::to_string(i) +
               (i % 7 == 0    ? " password=secret"
                : i % 11 == 0 ? " \xC3("
                              : "") +
               " end\n";
    }
    const Read copied = read(log);
    static const AccessLogParser kParser;
    static const Masker kMasker;
    for (const std::size_t piece : {4'096UL, 5'000UL, 100'000UL}) {
        Read taken;
        LineReader reader({3, LogSource::kApp}, kParser, &kMasker, 64UL << 10U);
        for (std::size_t at = 0; at < log.size(); at += piece) {
            reader.take(log.substr(at, piece), taken.lines, taken.texts);
        }
        reader.finish(taken.lines, taken.texts);
        REQUIRE(taken.lines.size() == copied.lines.size());
        std::size_t views = 0;
        for (std::size_t i = 0; i < taken.lines.size(); ++i) {
            CHECK(taken.lines[i].message == copied.lines[i].message);
            CHECK(taken.lines[i].time_ns == copied.lines[i].time_ns);
            const std::string& first = *taken.texts.blocks().front();
            const std::string_view message = taken.lines[i].message;
            views += message.data() >= first.data() && message.data() < first.data() + first.size();
        }
        CHECK(views > 80);  // were not copied
    }
}

TEST_CASE("severity is a word, not a part of one", "[logs]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "INFO"},
        {"ERROR: it broke", "ERROR"},
        {"an error occurred", "ERROR"},
        {"terror", "INFO"},
        {"errors", "INFO"},
        {"/var/log/error.log opened", "INFO"},
        {"error.log opened", "INFO"},
        {"that is an error.", "ERROR"},
        {"GET /error HTTP/1.1", "INFO"},
        {"error=null ok", "INFO"},
        {R"({"error":"","level":"warn"})", "WARN"},
        {R"({"level": "Error", "x":1})", "ERROR"},
        {"[debug] x", "DEBUG"},
        {"lvl=TRACE x", "TRACE"},
        {"trace-id 5", "INFO"},
        {"x-error", "INFO"},
        {"INFO no error found", "INFO"},
        {"WARNING disk", "WARN"},
        {"panic: nil map", "FATAL"},
        {"CRITICAL", "FATAL"},
        {"2026/03/04 05:06:07 [error] 7#7: *1 x", "ERROR"},
        {"\x1b[1;33mWARN\x1b[0m x", "WARN"},
        {"[message] error", "ERROR"},
    };
    for (const auto& [message, severity] : rows) {
        CAPTURE(message);
        CHECK(business::severity_of(message) == severity);
    }
}

TEST_CASE("the newest lines of all sources are kept, in order", "[logs]") {
    const auto sources = [] {
        std::vector<std::vector<LogLine>> all(4);
        all[0] = {line_at(10, 0, "a1"), line_at(30, 0, "a2"), line_at(30, 0, "a3")};
        all[1] = {
            line_at(40, 1, "b2"), line_at(20, 1, "b1"), line_at(30, 1, "b3")
        };  // not in order
        all[3] = {line_at(5, 3, "d1")};
        return all;
    };
    const auto merged = [&](std::size_t tail) {
        std::string text;
        for (const LogLine& line : business::merge_newest(sources(), tail)) {
            text += std::string(line.message) + " ";
        }
        return text;
    };
    CHECK(merged(100) == "d1 a1 b1 a2 a3 b3 b2 ");
    CHECK(merged(7) == "d1 a1 b1 a2 a3 b3 b2 ");
    CHECK(merged(3) == "a3 b3 b2 ");
    CHECK(merged(1) == "b2 ");
    CHECK(merged(0).empty());
    CHECK(business::merge_newest({}, 5).empty());
}
