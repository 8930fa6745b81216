#include "app/command_line.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace meshscope::app {

namespace {

using telemetry::LogFormat;
using telemetry::LogLevel;

enum class Flag : std::uint8_t {
    kConfig,
    kLogLevel,
    kMountRoot,
    kCheck,
    kReference,
    kBundle,
    kVersion,
    kHelp
};

struct FlagRow {
    std::string_view name;
    Flag flag;
    bool takes_value;
};

constexpr std::array<FlagRow, 12> kFlags{{
    {"--config", Flag::kConfig, true},
    {"-c", Flag::kConfig, true},
    {"-config", Flag::kConfig, true},  // as written in every manifest of old
    {"--log-level", Flag::kLogLevel, true},
    {"-l", Flag::kLogLevel, true},
    {"--mount-root", Flag::kMountRoot, true},
    {"--check-config", Flag::kCheck, false},
    {"--print-config-reference", Flag::kReference, false},
    {"--support-bundle", Flag::kBundle, true},
    {"--version", Flag::kVersion, false},
    {"--help", Flag::kHelp, false},
    {"-h", Flag::kHelp, false},
}};

constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kLevels{{
    {"trace", LogLevel::kTrace},
    {"debug", LogLevel::kDebug},
    {"info", LogLevel::kInfo},
    {"warn", LogLevel::kWarn},
    {"error", LogLevel::kError},
    {"fatal", LogLevel::kFatal},
}};
constexpr std::string_view kLevelWords = "trace, debug, info, warn, error or fatal";

constexpr std::string_view kHelp =
    "Usage: meshscope [--config FILE] [options]\n"
    "\n"
    "  -c, --config FILE          configuration, a Kiali config.yaml (also -config FILE)\n"
    "  -l, --log-level LEVEL      trace, debug, info, warn, error or fatal\n"
    "      --mount-root DIR       put DIR before the fixed paths of mounted secrets and "
    "certificates\n"
    "      --check-config         check the configuration, print what is in effect (secrets "
    "masked) and exit\n"
    "      --print-config-reference  print the page of all keys and exit\n"
    "      --support-bundle FILE  write what helps to find a fault (no secrets) as a tar to FILE, "
    "- for\n"
    "                             standard output, and exit: configuration, versions, and the "
    "state "
    "and the\n"
    "                             recent log of the server that runs with it\n"
    "      --version              print the version and exit\n"
    "  -h, --help                 print this text and exit\n"
    "\n"
    "Environment: LOG_LEVEL (as --log-level), LOG_FORMAT (text or json).\n";

std::optional<LogLevel> level_of(std::string_view word) {
    for (const auto& [name, level] : kLevels) {
        if (iequals(name, word)) {
            return level;
        }
    }
    return std::nullopt;
}

Error usage_error(const std::string& text) {
    return {ErrorKind::kInvalidArgument, text + "; see --help"};
}

Error unknown_argument(std::string_view argument) {
    if (!argument.starts_with('-') || argument == "-") {
        return usage_error("unexpected argument \"" + std::string(argument) + "\"");
    }
    std::vector<std::string> names;
    for (const FlagRow& row : kFlags) {
        names.emplace_back(row.name);
    }
    const std::string name(argument.substr(0, argument.find('=')));
    std::string_view near = nearest(name, names);
    if (near.empty() && !name.starts_with("--")) {
        near = nearest("-" + name, names);  // "-version"
    }
    return usage_error(
        "unknown flag " + name + (near.empty() ? "" : "; did you mean " + std::string(near) + "?")
    );
}

void read_environment(CommandLine& line, const Environment& environment) {
    if (const auto word = environment("LOG_LEVEL"); word && !word->empty()) {
        if (const auto level = level_of(trim(*word))) {
            line.log.level = *level;
        } else {
            line.warnings.push_back(
                "LOG_LEVEL is \"" + *word + "\"; use " + std::string(kLevelWords) + "; info is used"
            );
        }
    }
    if (const auto word = environment("LOG_FORMAT"); word && !word->empty()) {
        if (iequals(trim(*word), "json")) {
            line.log.format = LogFormat::kJson;
        } else if (!iequals(trim(*word), "text")) {
            line.warnings.push_back(
                "LOG_FORMAT is \"" + *word + "\"; use text or json; text is used"
            );
        }
    }
}

std::optional<Error> take_value(CommandLine& line, const FlagRow& row, std::string_view value) {
    if (row.flag == Flag::kConfig) {
        line.config_file = value;
    } else if (row.flag == Flag::kMountRoot) {
        line.mount_root = value;
    } else if (row.flag == Flag::kBundle) {
        line.bundle_file = value;
        line.action = Action::kSupportBundle;
    } else if (const auto level = level_of(value)) {
        line.log.level = *level;
    } else {
        return usage_error(
            std::string(row.name) + ": \"" + std::string(value) + "\" is no level; use " +
            std::string(kLevelWords)
        );
    }
    return std::nullopt;
}

// "-" alone is a file's name only where one is written.
bool is_value(const FlagRow& row, std::string_view argument) {
    return !argument.starts_with('-') || (row.flag == Flag::kBundle && argument == "-");
}

Action action_of(Flag flag) {
    switch (flag) {
        case Flag::kCheck:
            return Action::kCheckConfig;
        case Flag::kReference:
            return Action::kPrintConfigReference;
        case Flag::kVersion:
            return Action::kVersion;
        case Flag::kHelp:
            return Action::kHelp;
        case Flag::kConfig:
        case Flag::kLogLevel:
        case Flag::kMountRoot:
        case Flag::kBundle:
            break;
    }
    return Action::kRun;
}

}  // namespace

Result<CommandLine> parse_command_line(
    std::span<const std::string_view> arguments, const Environment& environment
) {
    CommandLine line;
    for (const std::string_view argument : arguments) {
        if (argument == "--help" || argument == "-h" || argument == "--version") {
            line.action = argument == "--version" ? Action::kVersion : Action::kHelp;
            return line;
        }
    }
    read_environment(line, environment);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        const std::size_t equals = argument.find('=');
        const std::string_view name = argument.substr(0, equals);
        const auto* row = std::find_if(kFlags.begin(), kFlags.end(), [&](const FlagRow& candidate) {
            return candidate.name == name;
        });
        if (row == kFlags.end()) {
            return unknown_argument(argument);
        }
        if (!row->takes_value) {
            if (equals != std::string_view::npos) {
                return usage_error(std::string(name) + " takes no value");
            }
            line.action = action_of(row->flag);
            continue;
        }
        std::string_view value;
        if (equals != std::string_view::npos) {
            value = argument.substr(equals + 1);
        } else if (i + 1 < arguments.size() && is_value(*row, arguments[i + 1])) {
            value = arguments[++i];
        }
        if (value.empty()) {
            return usage_error(std::string(name) + " needs a value");
        }
        if (const auto problem = take_value(line, *row, value)) {
            return *problem;
        }
    }
    return line;
}

std::string help_text() { return std::string(kHelp); }

}  // namespace meshscope::app
