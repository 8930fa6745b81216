#pragma once

#include "core/result.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::clients {

struct Program {
    std::vector<std::string>
        command;  // the file, looked for in PATH when it has no slash; arguments
    std::vector<std::pair<std::string, std::string>> environment;  // beside this process' own
};

// What a program writes to its standard output; it reads nothing, what it says otherwise is lost,
// and it inherits no file and no signal mask. kUnavailable names the program and what went wrong:
// it cannot be started, runs longer than `most` (then all of its group is killed), ends with
// another status than 0, writes more than 1 MiB; kCancelled once `stopped` says so. Waits.
Result<std::string> output_of(
    const Program& program, std::chrono::milliseconds most, const std::function<bool()>& stopped
);

}  // namespace meshscope::clients
