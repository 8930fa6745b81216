#pragma once

#include "core/result.hpp"
#include "models/log_line.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace meshscope::business {

// Which lines a reader wants: those that pass all that is given. Immutable, thread-safe, cheap to
// copy.
class LogFilter {
 public:
    struct Wanted {
        std::string contains;    // this text, case counts
        std::string matches;     // a regular expression (RE2: linear time) finds something
        std::string request_id;  // this text, which no longer id has inside
        std::string severity;    // at least as severe: TRACE, DEBUG, INFO, WARN, ERROR, FATAL
    };
    // kInvalidArgument, saying what is wrong with `matches` or `severity`.
    static Result<LogFilter> make(Wanted wanted);

    [[nodiscard]] bool passes(const models::LogLine& line) const;
    [[nodiscard]] bool passes_all() const;  // nothing is asked for

 private:
    struct State;
    std::shared_ptr<const State> state_;
};

}  // namespace meshscope::business
