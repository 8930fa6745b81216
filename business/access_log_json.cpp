#include "business/access_log_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace meshscope::business {
namespace {

using models::AccessLine;
using Member = std::string_view AccessLine::*;

constexpr std::size_t kMaxNesting = 64;

struct Name {
    std::string_view text;
    Member member;
};

constexpr std::array<Name, 49> kNames{{
    {"start_time", &AccessLine::start_time},
    {"timestamp", &AccessLine::start_time},
    {"method", &AccessLine::method},
    {"path", &AccessLine::path},
    {"protocol", &AccessLine::protocol},
    {"response_code", &AccessLine::status_code},
    {"status_code", &AccessLine::status_code},
    {"status", &AccessLine::status_code},
    {"response_flags", &AccessLine::response_flags},
    {"response_flag", &AccessLine::response_flags},
    {"response_code_details", &AccessLine::response_code_details},
    {"connection_termination_details", &AccessLine::connection_termination_details},
    {"upstream_transport_failure_reason", &AccessLine::upstream_failure_reason},
    {"upstream_failure_reason", &AccessLine::upstream_failure_reason},
    {"bytes_received", &AccessLine::bytes_received},
    {"bytes_sent", &AccessLine::bytes_sent},
    {"duration", &AccessLine::duration},
    {"upstream_service_time", &AccessLine::upstream_service_time},
    {"x-envoy-upstream-service-time", &AccessLine::upstream_service_time},
    {"x_forwarded_for", &AccessLine::forwarded_for},
    {"x-forwarded-for", &AccessLine::forwarded_for},
    {"forwarded_for", &AccessLine::forwarded_for},
    {"user_agent", &AccessLine::user_agent},
    {"user-agent", &AccessLine::user_agent},
    {"request_id", &AccessLine::request_id},
    {"x_request_id", &AccessLine::request_id},
    {"x-request-id", &AccessLine::request_id},
    {"authority", &AccessLine::authority},
    {":authority", &AccessLine::authority},
    {"host", &AccessLine::authority},
    {"upstream_host", &AccessLine::upstream_service},
    {"upstream_cluster", &AccessLine::upstream_cluster},
    {"upstream_cluster_raw", &AccessLine::upstream_cluster},
    {"upstream_local_address", &AccessLine::upstream_local},
    {"upstream_local", &AccessLine::upstream_local},
    {"downstream_local_address", &AccessLine::downstream_local},
    {"downstream_local", &AccessLine::downstream_local},
    {"downstream_remote_address", &AccessLine::downstream_remote},
    {"downstream_remote", &AccessLine::downstream_remote},
    {"requested_server_name", &AccessLine::requested_server},
    {"requested_server", &AccessLine::requested_server},
    {"route_name", &AccessLine::route_name},
    {"trace_id", &AccessLine::trace_id},
    {"traceID", &AccessLine::trace_id},
    {"traceId", &AccessLine::trace_id},
    {"traceparent", &AccessLine::trace_id},
    {"x-b3-traceid", &AccessLine::trace_id},
    {"x_b3_traceid", &AccessLine::trace_id},
    {"b3", &AccessLine::trace_id},
}};

constexpr bool before(const Name& a, const Name& b) {
    return a.text.size() != b.text.size() ? a.text.size() < b.text.size() : a.text < b.text;
}

constexpr std::array<Name, kNames.size()> kSorted = [] {
    std::array<Name, kNames.size()> names = kNames;
    std::sort(names.begin(), names.end(), before);
    return names;
}();

Member member_of(std::string_view name) {
    const auto found =
        std::lower_bound(kSorted.begin(), kSorted.end(), Name{name, nullptr}, before);
    return found != kSorted.end() && found->text == name ? found->member : nullptr;
}

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

// The four hex digits at `at`.
std::optional<std::uint32_t> hex4(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const char c = text[i];
        const std::string_view digits = "0123456789abcdef";
        const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        const std::size_t digit = digits.find(lower);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return value;
}

class Reader {
 public:
    Reader(std::string_view text, std::string& store) : text_(text), store_(store) {}

    bool object(AccessLine& out) {
        if (!take('{')) {
            return false;
        }
        if (take('}')) {
            return ends();
        }
        do {
            const std::optional<std::string_view> name = string();
            if (!name || !take(':')) {
                return false;
            }
            const Member member = member_of(*name);
            std::optional<std::string_view> value = scalar();
            if (!value && !skip_nested()) {
                return false;
            }
            if (value && member != nullptr && (out.*member).empty()) {
                out.*member = *value;
            }
        } while (take(','));
        return take('}') && ends();
    }

 private:
    void blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\r' || text_[at_] == '\n')) {
            ++at_;
        }
    }
    bool take(char c) {
        blanks();
        if (at_ >= text_.size() || text_[at_] != c) {
            return false;
        }
        ++at_;
        return true;
    }
    bool ends() {
        blanks();
        return at_ == text_.size();
    }

    // A string, a number or true, false; "" for null. nullopt for anything else.
    std::optional<std::string_view> scalar() {
        blanks();
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        if (text_[at_] == '"') {
            return string();
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word(text_[at_])) {
            ++at_;
        }
        const std::string_view word = text_.substr(begin, at_ - begin);
        if (word.empty()) {
            return std::nullopt;
        }
        return word == "null" ? std::string_view() : word;
    }

    static bool is_word(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '+' || c == '.';
    }

    std::optional<std::string_view> string() {
        if (!take('"')) {
            return std::nullopt;
        }
        const std::size_t begin = at_;
        bool escapes = false;
        while (at_ < text_.size() && text_[at_] != '"') {
            escapes = escapes || text_[at_] == '\\';
            at_ += text_[at_] == '\\' ? 2 : 1;
        }
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        const std::string_view raw = text_.substr(begin, at_ - begin);
        ++at_;
        return escapes ? unescaped(raw) : raw;
    }

    std::optional<std::string_view> unescaped(std::string_view raw) {
        if (store_.empty()) {
            store_.reserve(text_.size());  // no value is longer than what it is written as
        }
        const std::size_t begin = store_.size();
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if (raw[i] != '\\') {
                store_ += raw[i];
                continue;
            }
            ++i;
            const std::string_view from = "\"\\/bfnrt";
            const std::string_view to = "\"\\/\b\f\n\r\t";
            const std::size_t plain = from.find(raw[i]);
            if (plain != std::string_view::npos) {
                store_ += to[plain];
            } else if (raw[i] != 'u' || !take_unicode(raw, i)) {
                return std::nullopt;
            }
        }
        return std::string_view(store_).substr(begin);
    }

    // raw[i] is the 'u'; leaves `i` at the last digit. Lone surrogates become U+FFFD.
    bool take_unicode(std::string_view raw, std::size_t& i) {
        const std::optional<std::uint32_t> unit = hex4(raw, i + 1);
        if (!unit) {
            return false;
        }
        i += 4;
        if (*unit < 0xD800 || *unit > 0xDFFF) {
            append_utf8(store_, *unit);
            return true;
        }
        if (*unit < 0xDC00 && raw.substr(i + 1, 2) == "\\u") {
            const std::optional<std::uint32_t> low = hex4(raw, i + 3);
            if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
                append_utf8(store_, 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00));
                i += 6;
                return true;
            }
        }
        append_utf8(store_, 0xFFFD);
        return true;
    }

    // An object or a list, whose inside is not looked at but for its brackets and strings.
    bool skip_nested() {
        std::array<char, kMaxNesting> open{};
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                if (!pass_string()) {
                    return false;
                }
                continue;
            }
            ++at_;
            if (c == '{' || c == '[') {
                if (depth == kMaxNesting) {
                    return false;
                }
                open[depth++] = c == '{' ? '}' : ']';
            } else if (depth == 0 || ((c == '}' || c == ']') && open[depth - 1] != c)) {
                return false;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return true;
            }
        }
        return false;
    }

    bool pass_string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"';) {
            at_ += text_[at_] == '\\' ? 2 : 1;
        }
        ++at_;
        return at_ <= text_.size();
    }

    std::string_view text_;
    std::string& store_;
    std::size_t at_ = 0;
};

}  // namespace

bool read_access_json(std::string_view message, std::string& store, AccessLine& out) {
    Reader reader(message, store);
    if (!reader.object(out)) {
        return false;
    }
    const bool answered = !out.status_code.empty() &&
                          (!out.method.empty() || !out.path.empty() || !out.response_flags.empty());
    const bool counted = !out.bytes_received.empty() && !out.bytes_sent.empty();
    return answered || counted;
}

}  // namespace meshscope::business
