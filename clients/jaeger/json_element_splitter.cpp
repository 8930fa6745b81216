#include "clients/jaeger/json_element_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kPadding = 64;
constexpr std::size_t kLongestKey = 64;  // that could be a name of a path
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

#ifdef __SSE2__
// The first byte for which `match` has a bit; reads up to 15 bytes behind the end.
template <class Match>
const char* find_first(const char* at, const char* end, const Match& match) {
    for (; at < end; at += sizeof(__m128i)) {
        __m128i bytes;
        std::memcpy(&bytes, at, sizeof(bytes));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(match(bytes)));
        if (mask != 0) {
            at += __builtin_ctz(mask);
            return std::min(at, end);
        }
    }
    return end;
}

// A quote or a bracket: '{' and '[' differ in one bit, and so do '}' and ']'.
const char* find_structure(const char* at, const char* end) {
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i bit = _mm_set1_epi8(0x20);
    const __m128i opening = _mm_set1_epi8('{');
    const __m128i closing = _mm_set1_epi8('}');
    return find_first(at, end, [&](__m128i bytes) {
        const __m128i folded = _mm_or_si128(bytes, bit);
        const __m128i bracket =
            _mm_or_si128(_mm_cmpeq_epi8(folded, opening), _mm_cmpeq_epi8(folded, closing));
        return _mm_or_si128(bracket, _mm_cmpeq_epi8(bytes, quote));
    });
}

const char* find_end_of_text(const char* at, const char* end) {
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i escape = _mm_set1_epi8('\\');
    return find_first(at, end, [&](__m128i bytes) {
        return _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, escape));
    });
}
#else
const char* find_structure(const char* at, const char* end) {
    return std::find_if(at, end, [](char c) {
        return c == '"' || c == '{' || c == '[' || c == '}' || c == ']';
    });
}

const char* find_end_of_text(const char* at, const char* end) {
    return std::find_if(at, end, [](char c) { return c == '"' || c == '\\'; });
}
#endif

}  // namespace

JsonElementSplitter::JsonElementSplitter(
    std::vector<std::string> path, std::string wrapper, Limits limits, Sink& sink
)
    : path_(std::move(path)), wrapper_(std::move(wrapper)), limits_(limits), sink_(sink) {}

JsonElementSplitter::State JsonElementSplitter::feed(std::string_view bytes) {
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (at < end && state_ == State::kOpen) {
        if (element_depth_ > 0) {
            at = feed_element(at, end);
        } else if (in_array() && item_ != Item::kKept) {
            at = feed_array(at, end);
        } else {
            at = feed_skeleton(at, end);
        }
    }
    return state_;
}

// Outside of the cut arrays, and values in them that are no objects.
const char* JsonElementSplitter::feed_skeleton(const char* at, const char* end) {
    const char* from = at;
    while (at < end && state_ == State::kOpen) {
        if (string_ != String::kNone) {
            at = pass_string(at, end);
            continue;
        }
        const char c = *at;
        if (in_array()) {
            if (c == ',' || c == ']') {
                item_ = Item::kBehind;
                keep(from, at);
                mark_safe();
                return at;
            }
            if (c == '{' || c == '}') {
                state_ = State::kBroken;
                break;
            }
        }
        ++at;
        structure(c);
        if (c != '{' && c != '[' && c != '}' && c != ']') {
            continue;
        }
        const bool array_begins = in_array() && item_ == Item::kFirst;
        if (array_begins) {
            break;
        }
        if (c == '}' || c == ']') {
            keep(from, at);
            from = at;
            mark_safe();
        }
    }
    keep(from, at);
    return at;
}

void JsonElementSplitter::structure(char c) {
    const bool ahead = is_space(c) || kByteOrderMark.find(c) != std::string_view::npos;
    if (frames_.empty() && c != '{' && !ahead) {
        state_ = State::kBroken;
        return;
    }
    switch (c) {
        case '"':
            string_ = String::kInside;
            begin_key();
            break;
        case '{':
        case '[':
            open(c);
            break;
        case '}':
        case ']':
            close(c);
            break;
        case ',':
            comma();
            break;
        default:
            break;
    }
}

const char* JsonElementSplitter::pass_string(const char* at, const char* end) {
    if (string_ == String::kEscape) {
        string_ = String::kInside;
        return at + 1;
    }
    const char* const found = find_end_of_text(at, end);
    if (reads_key_ && key_.size() <= kLongestKey) {
        const auto size = static_cast<std::size_t>(found - at);
        key_.append(at, std::min(size, kLongestKey + 1));
    }
    if (found == end) {
        return end;
    }
    if (*found == '\\') {
        string_ = String::kEscape;
        if (reads_key_) {
            key_.push_back('\\');  // no name has one
        }
    } else {
        string_ = String::kNone;
        expects_key_ = expects_key_ && !std::exchange(reads_key_, false);
    }
    return found + 1;
}

void JsonElementSplitter::begin_key() {
    if (at_frame() && !frames_.empty() && frames_.back().is_object && expects_key_) {
        reads_key_ = true;
        key_.clear();
    }
}

void JsonElementSplitter::comma() {
    if (!at_frame() || frames_.empty()) {
        return;
    }
    if (frames_.back().is_object) {
        expects_key_ = true;
        key_.clear();
    } else {
        ++positions_.back();
    }
}

void JsonElementSplitter::push(bool is_object, std::uint8_t names) {
    frames_.push_back({is_object, names});
    expects_key_ = is_object;
    key_.clear();
    if (!is_object) {
        positions_.push_back(0);
    }
}

void JsonElementSplitter::open(char bracket) {
    const bool is_object = bracket == '{';
    if (beneath_ > 0) {
        ++beneath_;
        return;
    }
    if (frames_.empty()) {
        return push(true, 0);
    }
    const Frame top = frames_.back();
    const bool awaits_value = top.is_object && !expects_key_;
    if (!top.is_object && is_object && !is_cut(top)) {
        return push(true, top.names);
    }
    if (awaits_value && is_object && frames_.size() == 1 && !wrapper_.empty() && key_ == wrapper_) {
        return push(true, 0);
    }
    if (awaits_value && !is_object && top.names < path_.size() && key_ == path_[top.names]) {
        if (top.names == 0 && std::exchange(has_list_, true) && limits_.one_list) {
            state_ = State::kBroken;
            return;
        }
        push(false, static_cast<std::uint8_t>(top.names + 1));
        if (is_cut(frames_.back())) {
            item_ = Item::kFirst;
            kept_one_ = false;
            sink_.begin({positions_.data(), positions_.size() - 1});
        }
        return;
    }
    beneath_ = 1;
    beneath_first_ = bracket;
}

void JsonElementSplitter::close(char bracket) {
    if (beneath_ > 0) {
        --beneath_;
        return;
    }
    if (frames_.back().is_object != (bracket == '}')) {
        state_ = State::kBroken;
        return;
    }
    if (!frames_.back().is_object) {
        positions_.pop_back();
    }
    frames_.pop_back();
    expects_key_ = false;
    key_.clear();
    if (frames_.empty()) {
        state_ = State::kWhole;
    }
}

// Between the elements of a cut array.
const char* JsonElementSplitter::feed_array(const char* at, const char* end) {
    while (at < end && is_space(*at)) {
        ++at;
    }
    if (at == end) {
        return end;
    }
    const char c = *at;
    if (item_ == Item::kBehind ? c != ',' && c != ']' : c == ',' || c == '}') {
        state_ = State::kBroken;
        return end;
    }
    if (c == ']') {
        if (item_ == Item::kValue) {
            state_ = State::kBroken;  // behind a comma
            return end;
        }
        close(c);
        keep(at, at + 1);
        mark_safe();
        return at + 1;
    }
    if (c == ',') {
        item_ = Item::kValue;
        return at + 1;
    }
    if (c == '{') {
        return begin_element(at, end);
    }
    item_ = Item::kKept;
    if (std::exchange(kept_one_, true)) {
        skeleton_.push_back(',');
    }
    return at;
}

const char* JsonElementSplitter::begin_element(const char* at, const char* end) {
    const std::size_t taken = sink_.take({at, static_cast<std::size_t>(end - at)});
    if (taken > 0) {
        item_done();
        return at + taken;
    }
    element_depth_ = 0;
    element_string_ = String::kNone;
    element_.clear();
    element_too_long_ = false;
    return feed_element(at, end);
}

const char* JsonElementSplitter::feed_element(const char* at, const char* end) {
    const char* const from = at;
    while (at < end) {
        if (element_string_ == String::kEscape) {
            element_string_ = String::kInside;
            ++at;
            continue;
        }
        const bool in_text = element_string_ == String::kInside;
        at = in_text ? find_end_of_text(at, end) : find_structure(at, end);
        if (at == end) {
            break;
        }
        const char c = *at++;
        if (c == '"') {
            element_string_ = in_text ? String::kNone : String::kInside;
        } else if (c == '\\') {
            element_string_ = String::kEscape;
        } else if (c == '{' || c == '[') {
            ++element_depth_;
        } else if (--element_depth_ == 0) {
            element_done({from, static_cast<std::size_t>(at - from)});
            return at;
        }
    }
    const auto more = static_cast<std::size_t>(end - from);
    if (element_too_long_ || element_.size() + more > limits_.element_bytes) {
        element_too_long_ = true;
        element_.clear();
    } else {
        element_.append(from, more);
    }
    return end;
}

// The first one makes the array worth keeping when the document ends early.
void JsonElementSplitter::item_done() {
    if (std::exchange(item_, Item::kBehind) == Item::kFirst) {
        mark_safe();
    }
}

void JsonElementSplitter::element_done(std::string_view json) {
    item_done();
    if (element_too_long_ || element_.size() + json.size() > limits_.element_bytes) {
        ++left_out_;
    } else if (element_.empty()) {
        sink_.element(json);
    } else {
        element_.append(json);
        element_.reserve(element_.size() + kPadding);
        sink_.element(element_);
    }
    element_.clear();
}

void JsonElementSplitter::keep(const char* from, const char* to) {
    if (from == to || state_ == State::kTooLarge) {
        return;
    }
    if (skeleton_.size() + static_cast<std::size_t>(to - from) > limits_.skeleton_bytes) {
        state_ = State::kTooLarge;
        return;
    }
    skeleton_.append(from, to);
}

// Everything kept so far makes sense, if what is open is closed behind it.
void JsonElementSplitter::mark_safe() {
    if (state_ != State::kOpen || string_ != String::kNone || beneath_ > 1) {
        return;
    }
    safe_size_ = skeleton_.size();
    safe_open_.clear();
    for (const Frame& frame : frames_) {
        safe_open_.push_back(frame.is_object ? '{' : '[');
    }
    if (beneath_ == 1) {
        safe_open_.push_back(beneath_first_);
    }
}

JsonElementSplitter::Skeleton JsonElementSplitter::finish() {
    Skeleton out;
    if (state_ != State::kWhole) {
        out.open = safe_open_.size();
        skeleton_.resize(safe_size_);
        for (auto it = safe_open_.rbegin(); it != safe_open_.rend(); ++it) {
            skeleton_.push_back(*it == '{' ? '}' : ']');
        }
    }
    out.json = std::move(skeleton_);
    return out;
}

}  // namespace meshscope::clients::jaeger
