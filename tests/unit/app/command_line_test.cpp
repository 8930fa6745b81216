#include "app/command_line.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

using meshscope::Result;
using meshscope::app::Action;
using meshscope::app::CommandLine;
using meshscope::app::help_text;
using meshscope::app::parse_command_line;
using meshscope::telemetry::LogFormat;
using meshscope::telemetry::LogLevel;

namespace {

using Arguments = std::vector<std::string_view>;
using Variables = std::map<std::string, std::string>;

Result<CommandLine> parse(const Arguments& arguments, const Variables& variables = {}) {
    return parse_command_line(
        arguments,
        [&](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        }
    );
}

}  // namespace

TEST_CASE("every spelling of the configuration flag") {
    const Arguments rows[] = {
        {"--config", "/etc/c.yaml"},
        {"-c", "/etc/c.yaml"},
        {"-config", "/etc/c.yaml"},
        {"--config=/etc/c.yaml"},
        {"-config=/etc/c.yaml"},
        {"-c", "first", "-c", "/etc/c.yaml"},
    };
    for (const Arguments& row : rows) {
        const auto line = parse(row);
        INFO(row[0]);
        REQUIRE(line.has_value());
        CHECK(line->config_file == "/etc/c.yaml");
        CHECK(line->action == Action::kRun);
    }
    CHECK(parse({})->config_file.empty());
    CHECK(parse({"--mount-root", "/tmp/x"})->mount_root == "/tmp/x");
}

TEST_CASE("what the program shall do") {
    CHECK(parse({"--check-config", "--config", "a"})->action == Action::kCheckConfig);
    CHECK(parse({"--print-config-reference"})->action == Action::kPrintConfigReference);
    CHECK(parse({"--version"})->action == Action::kVersion);
    for (const char* file : {"/tmp/bundle.tar", "-"}) {
        const auto line = parse({"--support-bundle", file, "--config", "a"});
        REQUIRE(line.has_value());
        CHECK(line->action == Action::kSupportBundle);
        CHECK(line->bundle_file == file);
        CHECK(line->config_file == "a");
    }
    CHECK(parse({"--support-bundle"}).has_error());
    CHECK(parse({"--config", "-"}).has_error());
    CHECK(parse({"--help"})->action == Action::kHelp);
    CHECK(parse({"-h"})->action == Action::kHelp);
    CHECK(parse({"--nonsense", "--help"})->action == Action::kHelp);
    CHECK(parse({"--config", "--version"})->action == Action::kVersion);
}

TEST_CASE("bad arguments are named") {
    struct Row {
        Arguments arguments;
        const char* message;
    };
    const Row rows[] = {
        {{"--confg", "a"}, "unknown flag --confg; did you mean --config?; see --help"},
        {{"--check-confg"}, "unknown flag --check-confg; did you mean --check-config?; see --help"},
        {{"-versoin"}, "unknown flag -versoin; did you mean --version?; see --help"},
        {{"--secret=hunter2"}, "unknown flag --secret; see --help"},
        {{"--zzzzzzzz"}, "unknown flag --zzzzzzzz; see --help"},
        {{"run"}, "unexpected argument \"run\"; see --help"},
        {{"-"}, "unexpected argument \"-\"; see --help"},
        {{""}, "unexpected argument \"\"; see --help"},
        {{"--config"}, "--config needs a value; see --help"},
        {{"--config="}, "--config needs a value; see --help"},
        {{"--config", "--check-config"}, "--config needs a value; see --help"},
        {{"--check-config=yes"}, "--check-config takes no value; see --help"},
        {{"-l", "loud"},
         "-l: \"loud\" is no level; use trace, debug, info, warn, error or fatal; see --help"},
    };
    for (const Row& row : rows) {
        const auto line = parse(row.arguments);
        REQUIRE(line.has_error());
        CHECK(line.error().message() == row.message);
    }
}

TEST_CASE("log level and format") {
    CHECK(parse({})->log.level == LogLevel::kInfo);
    CHECK(parse({})->log.format == LogFormat::kText);
    CHECK(parse({}, {{"LOG_LEVEL", "DEBUG"}})->log.level == LogLevel::kDebug);
    CHECK(parse({}, {{"LOG_LEVEL", ""}})->warnings.empty());
    CHECK(parse({"-l", "warn"}, {{"LOG_LEVEL", "debug"}})->log.level == LogLevel::kWarn);
    CHECK(parse({"--log-level=Fatal"})->log.level == LogLevel::kFatal);
    CHECK(parse({"--log-level", "trace"})->log.level == LogLevel::kTrace);
    CHECK(parse({}, {{"LOG_FORMAT", "json"}})->log.format == LogFormat::kJson);
    CHECK(parse({}, {{"LOG_FORMAT", "text"}})->log.format == LogFormat::kText);

    const auto odd = parse({}, {{"LOG_LEVEL", "loud"}, {"LOG_FORMAT", "xml"}});
    REQUIRE(odd.has_value());
    CHECK(odd->log.level == LogLevel::kInfo);
    CHECK(odd->log.format == LogFormat::kText);
    REQUIRE(odd->warnings.size() == 2);
    CHECK(odd->warnings[0].find("LOG_LEVEL is \"loud\"") == 0);
    CHECK(odd->warnings[1].find("LOG_FORMAT is \"xml\"") == 0);
}

TEST_CASE("the help names every flag") {
    const std::string help = help_text();
    for (const char* flag :
         {"--config",
          "-c,",
          "-config",
          "--log-level",
          "-l,",
          "--mount-root",
          "--check-config",
          "--print-config-reference",
          "--version",
          "--help"}) {
        INFO(flag);
        CHECK(help.find(flag) != std::string::npos);
    }
}
