#include "clients/kubernetes/watch_scanner.hpp"

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::size_t kReadableBehind = 64;
constexpr std::size_t kKeptMemory = 256UL << 10U;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_mark(char c) { return c == '"' || c == '{' || c == '}'; }
bool is_string_mark(char c) { return c == '"' || c == '\\'; }

template <class Predicate>
std::size_t find_if(std::string_view bytes, std::size_t at, const Predicate& matches) {
    while (at < bytes.size() && !matches(bytes[at])) {
        ++at;
    }
    return at;
}

}  // namespace

WatchScanner::WatchScanner(Sink& sink, std::size_t largest) : sink_(sink), largest_(largest) {}

bool WatchScanner::inside() const { return depth_ > 0; }

WatchScanner::State WatchScanner::feed(std::string_view bytes) {
    std::size_t begin = 0;  // of what belongs to the object that is open
    std::size_t at = 0;
    while (state_ == State::kOpen && at < bytes.size()) {
        if (depth_ == 0) {
            at = begin = find_if(bytes, at, [](char c) { return !is_blank(c); });
            if (at < bytes.size() && bytes[at] != '{') {
                state_ = State::kBroken;
            } else if (at < bytes.size()) {
                depth_ = 1;
                ++at;
            }
        } else {
            at = pass(bytes, at);
            if (depth_ == 0) {
                hand_over(bytes, begin, at);
            }
        }
    }
    if (state_ == State::kOpen && depth_ > 0) {
        keep(bytes.substr(begin));
    }
    if (state_ != State::kOpen) {
        pending_ = {};
    }
    return state_;
}

std::size_t WatchScanner::pass(std::string_view bytes, std::size_t at) {
    if (string_ == String::kEscape) {
        string_ = String::kInside;
        return at + 1;
    }
    const bool in_string = string_ == String::kInside;
    at = in_string ? find_if(bytes, at, is_string_mark) : find_if(bytes, at, is_mark);
    if (at == bytes.size()) {
        return at;
    }
    const char mark = bytes[at];
    if (in_string) {
        string_ = mark == '"' ? String::kNone : String::kEscape;
    } else if (mark == '"') {
        string_ = String::kInside;
    } else if (mark == '{') {
        ++depth_;
    } else {
        --depth_;
    }
    return at + 1;
}

void WatchScanner::hand_over(std::string_view bytes, std::size_t begin, std::size_t end) {
    const std::string_view last = bytes.substr(begin, end - begin);
    if (pending_.size() + last.size() > largest_) {
        state_ = State::kTooLarge;
        return;
    }
    if (pending_.empty() && bytes.size() - end >= kReadableBehind) {
        sink_.object(last);
        return;
    }
    pending_.append(last);
    pending_.reserve(pending_.size() + kReadableBehind);
    sink_.object(pending_);
    if (pending_.capacity() > kKeptMemory) {
        pending_ = {};
    }
    pending_.clear();
}

void WatchScanner::keep(std::string_view bytes) {
    if (pending_.size() + bytes.size() > largest_) {
        state_ = State::kTooLarge;
        return;
    }
    pending_.append(bytes);
}

}  // namespace meshscope::clients::kubernetes
