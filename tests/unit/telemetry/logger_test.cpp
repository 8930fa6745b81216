#include "telemetry/logger.hpp"

#include "telemetry/log_line.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <clocale>
#include <limits>
#include <locale>
#include <thread>
#include <vector>

namespace meshscope::test {
namespace {

using namespace std::string_literals;

using telemetry::LogField;
using telemetry::LogFormat;
using telemetry::Logger;
using telemetry::LogLevel;

// 2026-01-01T00:00:00.042Z
const SystemTime kNewYear = from_micros(1'767'225'600'042'000);

struct Captured {
    explicit Captured(LogFormat format, LogLevel level = LogLevel::kInfo)
        : clock(kNewYear),
          logger(
              {.level = level,
               .format = format,
               .clock = &clock,
               .sink = [this](std::string_view line) { lines.emplace_back(line); }}
          ) {}

    ManualClock clock;
    std::vector<std::string> lines;
    Logger logger;
};

TEST_CASE("a text line has time, level, message and fields", "[logger]") {
    Captured log(LogFormat::kText);
    log.logger.info(
        "started",
        {{"port", std::int64_t{20001}},
         {"name", "plain"},
         {"text", "two words"},
         {"empty", ""},
         {"quoted", "say \"hi\""},
         {"ms", 1.5},
         {"ok", true}}
    );
    REQUIRE(log.lines.size() == 1);
    CHECK(
        log.lines[0] ==
        "2026-01-01T00:00:00Z INF started port=20001 name=plain text=\"two words\" empty=\"\" "
        "quoted=\"say \\\"hi\\\"\" ms=1.5 ok=true"
    );
}

TEST_CASE("a JSON line is one JSON object", "[logger]") {
    Captured log(LogFormat::kJson);
    log.logger.error(
        "bad \"thing\"",
        {{"count", std::int64_t{-3}},
         {"ratio", 0.25},
         {"nan", std::numeric_limits<double>::quiet_NaN()},
         {"level", "mine"},
         {"bytes", "a\xFF\x01z"}}
    );
    REQUIRE(log.lines.size() == 1);
    const auto json = nlohmann::json::parse(log.lines[0]);
    CHECK(json["ts"] == "2026-01-01T00:00:00.042Z");
    CHECK(json["level"] == "error");
    CHECK(json["msg"] == "bad \"thing\"");
    CHECK(json["count"] == -3);
    CHECK(json["ratio"] == 0.25);
    CHECK(json["nan"] == "NaN");
    CHECK(json["field_level"] == "mine");
    CHECK(json["bytes"] == "a\xEF\xBF\xBD\x01z");
}

TEST_CASE("one event is one printable line, whatever the texts hold", "[logger]") {
    const std::string evil =
        "a\r\nb\x1b[31m\0c\x7f\xC2\x85\xE2\x80\xA8 d\tFAKE INF"s.append(1, '\x9b');
    for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
        Captured log(format);
        log.logger.warn(evil, {{"field", evil}});
        REQUIRE(log.lines.size() == 1);
        for (const char c : log.lines[0]) {
            const auto byte = static_cast<unsigned char>(c);
            CHECK((byte >= 0x20 && byte != 0x7F));
        }
        CHECK(log.lines[0].find("\xE2\x80\xA8") == std::string::npos);
    }
}

TEST_CASE("userinfo of URLs and credentials are masked", "[logger]") {
    CHECK(
        telemetry::mask_userinfo("http://user:word@host:1/p?q=a@b") == "http://***@host:1/p?q=a@b"
    );
    CHECK(
        telemetry::mask_userinfo("x https://a@b y ftp://c:d@e") == "x https://***@b y ftp://***@e"
    );
    CHECK(telemetry::mask_userinfo("https://u:p@ss@host") == "https://***@host");
    CHECK(telemetry::mask_userinfo("http://host/mail@to") == "http://host/mail@to");
    CHECK(telemetry::mask_userinfo("nothing@all") == "nothing@all");
    CHECK(telemetry::mask_userinfo("://") == "://");
    for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
        Captured log(format);
        log.logger.info("to http://u:hush@h/", {{"url", "http://u:hush@h/"}});
        log.logger.info("sent Bearer hush", {{"header", "Authorization: Basic hush"}});
        CHECK((log.lines[0] + log.lines[1]).find("hush") == std::string::npos);
    }
}

TEST_CASE("levels below the wanted one say nothing", "[logger]") {
    Captured log(LogFormat::kText, LogLevel::kWarn);
    log.logger.debug("no");
    log.logger.info("no");
    log.logger.warn("yes");
    log.logger.error("yes");
    log.logger.log(LogLevel::kFatal, "yes");
    REQUIRE(log.lines.size() == 3);
    CHECK(log.lines[2] == "2026-01-01T00:00:00Z FTL yes");
    CHECK_FALSE(log.logger.enabled(LogLevel::kInfo));
    CHECK(log.logger.enabled(LogLevel::kWarn));
}

TEST_CASE("words for level and format", "[logger]") {
    CHECK(telemetry::parse_log_level("TRACE") == LogLevel::kTrace);
    CHECK(telemetry::parse_log_level("debug") == LogLevel::kDebug);
    CHECK(telemetry::parse_log_level("Info") == LogLevel::kInfo);
    CHECK(telemetry::parse_log_level("warn") == LogLevel::kWarn);
    CHECK(telemetry::parse_log_level("warning") == LogLevel::kWarn);
    CHECK(telemetry::parse_log_level("error") == LogLevel::kError);
    CHECK(telemetry::parse_log_level("fatal") == LogLevel::kFatal);
    CHECK_FALSE(telemetry::parse_log_level("verbose"));
    CHECK_FALSE(telemetry::parse_log_level(""));
    CHECK(telemetry::parse_log_format("JSON") == LogFormat::kJson);
    CHECK(telemetry::parse_log_format("text") == LogFormat::kText);
    CHECK_FALSE(telemetry::parse_log_format("xml"));
}

TEST_CASE("lines of many threads do not mix", "[logger]") {
    Captured log(LogFormat::kText);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 100; ++n) {
                log.logger.info("line", {{"n", std::int64_t{7}}});
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(log.lines.size() == 400);
    CHECK(log.lines.back() == "2026-01-01T00:00:00Z INF line n=7");
}

}  // namespace
}  // namespace meshscope::test
