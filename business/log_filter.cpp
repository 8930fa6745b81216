#include "business/log_filter.hpp"

#include "business/log_lines.hpp"

#include <optional>
#include <re2/re2.h>
#include <utility>

namespace meshscope::business {
namespace {

constexpr int kProgramBytes = 8 << 20;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool in_id(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

bool holds_id(std::string_view message, std::string_view id) {
    for (std::size_t at = message.find(id); at != std::string_view::npos;
         at = message.find(id, at + 1)) {
        const std::size_t end = at + id.size();
        if ((at == 0 || !in_id(message[at - 1])) &&
            (end == message.size() || !in_id(message[end]))) {
            return true;
        }
    }
    return false;
}

}  // namespace

struct LogFilter::State {
    Wanted wanted;
    std::optional<re2::RE2> expression;
    std::size_t least = 0;  // rank of the severity
};

Result<LogFilter> LogFilter::make(Wanted wanted) {
    auto state = std::make_shared<State>();
    if (!wanted.matches.empty()) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(kProgramBytes);
        state->expression.emplace(wanted.matches, options);
        if (!state->expression->ok()) {
            return Error(
                ErrorKind::kInvalidArgument,
                "parameter 'matches' is not a regular expression: " + state->expression->error()
            );
        }
    }
    if (!wanted.severity.empty()) {
        const auto rank = severity_rank(wanted.severity);
        if (!rank) {
            return Error(
                ErrorKind::kInvalidArgument,
                "parameter 'severity' must be one of TRACE, DEBUG, INFO, WARN, ERROR and FATAL"
            );
        }
        state->least = *rank;
    }
    state->wanted = std::move(wanted);
    LogFilter filter;
    filter.state_ = std::move(state);
    return filter;
}

bool LogFilter::passes_all() const {
    const Wanted& wanted = state_->wanted;
    return wanted.contains.empty() && wanted.request_id.empty() && state_->least == 0 &&
           !state_->expression;
}

bool LogFilter::passes(const models::LogLine& line) const {
    const Wanted& wanted = state_->wanted;
    const std::string_view message = line.message;
    if (state_->least > 0 && severity_rank(line.severity).value_or(0) < state_->least) {
        return false;
    }
    if (!wanted.contains.empty() && message.find(wanted.contains) == std::string_view::npos) {
        return false;
    }
    if (!wanted.request_id.empty() && !holds_id(message, wanted.request_id)) {
        return false;
    }
    return !state_->expression || re2::RE2::PartialMatch(piece(message), *state_->expression);
}

}  // namespace meshscope::business
