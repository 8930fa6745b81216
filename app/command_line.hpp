#pragma once

#include "core/result.hpp"
#include "telemetry/logger.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::app {

enum class Action : std::uint8_t {
    kRun,
    kCheckConfig,
    kPrintConfigReference,
    kSupportBundle,
    kVersion,
    kHelp
};

struct CommandLine {
    Action action = Action::kRun;
    std::string config_file;  // empty: none was named; the defaults hold
    std::string mount_root;   // put before the fixed mount paths
    std::string bundle_file;  // of kSupportBundle; "-": standard output
    telemetry::LogOptions log;
    std::vector<std::string> warnings;  // about the environment
};

// The value of an environment variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// `arguments` without the program's name. Reads LOG_LEVEL and LOG_FORMAT; the flag for the level
// wins. A bad variable is a warning, a bad argument the error kInvalidArgument, one line, fit for
// standard error. --help and --version win over everything.
Result<CommandLine> parse_command_line(
    std::span<const std::string_view> arguments, const Environment& environment
);

[[nodiscard]] std::string help_text();

}  // namespace meshscope::app
