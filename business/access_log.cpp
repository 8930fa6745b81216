#include "business/access_log.hpp"

#include "business/access_log_json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace meshscope::business {
namespace {

using models::AccessLine;

constexpr std::size_t kUuid = 36;
constexpr std::size_t kShortest = 16;     // of what is looked for
constexpr std::size_t kTraceParent = 55;  // 00-<32>-<16>-<2>

constexpr std::array<bool, 256> kHex = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
    return table;
}();

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return kHex[static_cast<unsigned char>(c)]; });
}

bool all_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

bool is_trace_id(std::string_view text) {
    return (text.size() == 32 || text.size() == 16) && is_hex(text) && !all_zero(text);
}

bool is_uuid(std::string_view text) {
    if (text.size() != kUuid) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text.substr(i, 1))) {
            return false;
        }
    }
    return true;
}

constexpr std::array<bool, 256> kTokenChar = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_' || c == '.';
    }
    return table;
}();

bool in_token(char c) { return kTokenChar[static_cast<unsigned char>(c)]; }

// `word` in lower case; of letters only.
bool holds(std::string_view name, std::string_view word) {
    return std::ranges::search(name, word, {}, [](char c) {
               return static_cast<char>(c | 0x20);
           }).begin() != name.end();
}

// The name in front of the token that begins at `at`: x in `x=...`, `"x": "..."`, `x: ...`.
std::string_view name_before(std::string_view text, std::size_t at) {
    const auto passes = [&](std::string_view set) {
        const std::size_t before = at;
        while (at > 0 && before - at < 2 && set.find(text[at - 1]) != std::string_view::npos) {
            --at;
        }
        return before != at;
    };
    passes("\"' ");
    if (!passes("=:")) {
        return {};
    }
    passes("\"' ");
    std::size_t begin = at;
    while (begin > 0 && in_token(text[begin - 1])) {
        --begin;
    }
    return text.substr(begin, at - begin);
}

// Looks at one token; a token is looked at once and its name has a bounded length, so all is
// linear.
class IdFinder {
 public:
    explicit IdFinder(std::string_view text) : text_(text) {}

    // Tokens shorter than any id are never seen: of each kShortest places one is in a longer one.
    LineIds find() {
        std::size_t looked = 0;  // all before is done with
        for (std::size_t at = kShortest - 1; at < text_.size() && !done(); at += kShortest) {
            if (!in_token(text_[at])) {
                continue;
            }
            std::size_t begin = at;
            while (begin > looked && in_token(text_[begin - 1])) {
                --begin;
            }
            std::size_t end = at + 1;
            while (end < text_.size() && in_token(text_[end])) {
                ++end;
            }
            look_at(begin, text_.substr(begin, end - begin));
            looked = end;
            at = end;
        }
        if (ids_.request_id.empty()) {
            ids_.request_id = nameless_;
        }
        return ids_;
    }

 private:
    [[nodiscard]] bool done() const { return !ids_.trace_id.empty() && !ids_.request_id.empty(); }

    void look_at(std::size_t at, std::string_view token) {
        if (token.size() == kTraceParent || token.size() == 32 || token.size() == 16) {
            look_for_trace(at, token);
        } else if (is_uuid(token)) {
            const std::string_view name = name_before(text_, at);
            if (ids_.request_id.empty() && holds(name.substr(0, 64), "request")) {
                ids_.request_id = token;
            } else if (nameless_.empty() && !holds(name.substr(0, 64), "trace")) {
                nameless_ = token;
            }
        }
    }

    void look_for_trace(std::size_t at, std::string_view token) {
        const std::string_view id = trace_id_of(token);
        if (id.empty() || !ids_.trace_id.empty()) {
            return;
        }
        const std::string_view name = name_before(text_, at).substr(0, 64);
        if (id.size() == 32 ? !holds(name, "request") : holds(name, "trace")) {
            ids_.trace_id = id;
        }
    }

    std::string_view text_;
    LineIds ids_;
    std::string_view nameless_;  // the first UUID that is not said to be a request's
};

// Takes the value behind key= off the front: up to a blank, or between quotes.
std::string_view take_value(std::string_view& text) {
    std::string_view value;
    if (text.starts_with('"')) {
        std::size_t end = 1;
        while (end < text.size() && text[end] != '"') {
            end += text[end] == '\\' ? 2 : 1;
        }
        end = std::min(end, text.size());
        value = text.substr(1, end - 1);
        text.remove_prefix(std::min(end + 1, text.size()));
    } else {
        const std::size_t end = std::min(text.find(' '), text.size());
        value = text.substr(0, end);
        text.remove_prefix(end);
    }
    return value;
}

void set_ztunnel(ZtunnelLine& line, std::string_view key, std::string_view value) {
    struct Key {
        std::string_view name;
        std::string_view* member;
    };
    const std::array<Key, 13> keys{{
        {"src.namespace", &line.src_namespace},
        {"src.workload", &line.src_workload},
        {"dst.namespace", &line.dst_namespace},
        {"dst.workload", &line.dst_workload},
        {"src.identity", &line.access.upstream_cluster},
        {"dst.service", &line.dst_service},
        {"dst.addr", &line.access.upstream_service},
        {"src.addr", &line.access.downstream_remote},
        {"bytes_recv", &line.access.bytes_received},
        {"bytes_sent", &line.access.bytes_sent},
        {"duration", &line.access.duration},
        {"error", &line.error},
        {"trace_id", &line.access.trace_id},
    }};
    for (const Key& known : keys) {
        if (known.name == key) {
            *known.member = value;
            return;
        }
    }
}

}  // namespace

AccessLogParser::AccessLogParser(std::string_view format) {
    if (!trim(format).empty()) {
        format_ = AccessLogFormat::compile(format);
    }
}

std::optional<AccessLine> AccessLogParser::parse(std::string_view message, std::string& store)
    const {
    std::optional<AccessLine> line(std::in_place);
    if (!read(message, store, *line)) {
        line.reset();
    }
    return line;
}

bool AccessLogParser::read(std::string_view message, std::string& store, AccessLine& out) const {
    if (message.starts_with('{')) {
        out = {};
    }
    const bool found = (message.starts_with('{') && read_access_json(message, store, out)) ||
                       (format_ && format_->match(message, out)) ||
                       AccessLogFormat::istio().match(message, out) ||
                       AccessLogFormat::envoy().match(message, out);
    if (found) {
        out.trace_id = trace_id_of(out.trace_id);
    }
    return found;
}

LineIds find_ids(std::string_view message) { return IdFinder(message).find(); }

std::string_view trace_id_of(std::string_view value) {
    if (value.size() < kShortest) {
        return {};
    }
    if (value.size() == kTraceParent && value[2] == '-' && value[35] == '-' && value[52] == '-' &&
        is_hex(value.substr(0, 2)) && is_hex(value.substr(36, 16))) {
        value = value.substr(3, 32);
    } else if (const std::size_t dash = value.find('-'); dash == 32 || dash == 16) {
        value = value.substr(0, dash);
    }
    return is_trace_id(value) ? value : std::string_view();
}

std::optional<ZtunnelLine> parse_ztunnel(std::string_view message) {
    ZtunnelLine line;
    std::string_view rest = message;
    for (int field = 0; field < 4; ++field) {
        const std::size_t tab = rest.find('\t');
        if (tab == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view value = rest.substr(0, tab);
        if (field == 0) {
            line.access.start_time = value;
        } else if (field == 1) {
            line.level = trim(value);
        }
        rest.remove_prefix(tab + 1);
    }
    line.fields = trim(rest);
    rest = line.fields;
    while (!rest.empty()) {
        const std::size_t end = rest.find_first_of("= ");
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view key = rest.substr(0, end);
        const bool has_value = rest[end] == '=';
        rest.remove_prefix(end + 1);
        if (has_value) {
            set_ztunnel(line, key, take_value(rest));
        }
    }
    line.access.requested_server = line.dst_service;
    return line;
}

}  // namespace meshscope::business
