#include "business/access_log_format.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshscope::business {
namespace {

using models::AccessLine;
using Member = std::string_view AccessLine::*;

// What a line may hold in front of its access log: at more places than this it is not looked for.
constexpr int kMaxBeginnings = 4;

struct Command {
    std::string_view name;
    Member member;
};

constexpr std::array<Command, 8> kWords{{
    {"PROTOCOL", &AccessLine::protocol},
    {"RESPONSE_FLAGS", &AccessLine::response_flags},
    {"RESPONSE_FLAGS_LONG", &AccessLine::response_flags},
    {"UPSTREAM_LOCAL_ADDRESS", &AccessLine::upstream_local},
    {"DOWNSTREAM_LOCAL_ADDRESS", &AccessLine::downstream_local},
    {"DOWNSTREAM_REMOTE_ADDRESS", &AccessLine::downstream_remote},
    {"REQUESTED_SERVER_NAME", &AccessLine::requested_server},
    {"TRACE_ID", &AccessLine::trace_id},
}};

constexpr std::array<Command, 7> kTexts{{
    {"RESPONSE_CODE_DETAILS", &AccessLine::response_code_details},
    {"CONNECTION_TERMINATION_DETAILS", &AccessLine::connection_termination_details},
    {"UPSTREAM_TRANSPORT_FAILURE_REASON", &AccessLine::upstream_failure_reason},
    {"UPSTREAM_HOST", &AccessLine::upstream_service},
    {"UPSTREAM_CLUSTER", &AccessLine::upstream_cluster},
    {"UPSTREAM_CLUSTER_RAW", &AccessLine::upstream_cluster},
    {"ROUTE_NAME", &AccessLine::route_name},
}};

constexpr std::array<Command, 4> kCounts{{
    {"RESPONSE_CODE", &AccessLine::status_code},
    {"BYTES_RECEIVED", &AccessLine::bytes_received},
    {"BYTES_SENT", &AccessLine::bytes_sent},
    {"DURATION", &AccessLine::duration},
}};

constexpr std::array<Command, 11> kRequestHeaders{{
    {":METHOD", &AccessLine::method},
    {"X-ENVOY-ORIGINAL-PATH", &AccessLine::path},
    {":PATH", &AccessLine::path},
    {"X-FORWARDED-FOR", &AccessLine::forwarded_for},
    {"USER-AGENT", &AccessLine::user_agent},
    {"X-REQUEST-ID", &AccessLine::request_id},
    {":AUTHORITY", &AccessLine::authority},
    {"HOST", &AccessLine::authority},
    {"TRACEPARENT", &AccessLine::trace_id},
    {"X-B3-TRACEID", &AccessLine::trace_id},
    {"B3", &AccessLine::trace_id},
}};

template <std::size_t kSize>
Member find(const std::array<Command, kSize>& commands, std::string_view name) {
    const auto found = std::ranges::find_if(commands, [&](const Command& command) {
        return iequals(command.name, name);
    });
    return found == commands.end() ? nullptr : found->member;
}

// "X-ENVOY-ORIGINAL-PATH?:PATH": the second when the first is not there.
Member request_header(std::string_view argument) {
    for (const std::string_view name : split(argument, '?')) {
        if (const Member member = find(kRequestHeaders, name)) {
            return member;
        }
    }
    return nullptr;
}

bool begins_with(const char* text, std::string_view literal) {
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (text[i] != literal[i]) {
            return false;
        }
    }
    return true;
}

// line.find(literal), for literals of a few characters that mostly stand near.
std::size_t find_near(std::string_view line, std::string_view literal) {
    std::size_t at = 0;
#ifdef __SSE2__
    constexpr std::size_t kNear = 64;
    const __m128i first = _mm_set1_epi8(literal[0]);
    for (; at < kNear && at + sizeof(__m128i) + literal.size() <= line.size();
         at += sizeof(__m128i)) {
        __m128i bytes;
        std::memcpy(&bytes, line.data() + at, sizeof(bytes));
        auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, first)));
        for (; hits != 0; hits &= hits - 1) {
            const std::size_t hit = at + static_cast<std::size_t>(__builtin_ctz(hits));
            if (begins_with(line.data() + hit, literal)) {
                return hit;
            }
        }
    }
#endif
    return line.find(literal, at);
}

bool is_command_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void AccessLogFormat::name_command(
    std::string_view command, std::string_view argument, Field& field
) {
    if (command == "START_TIME") {
        field.member = &AccessLine::start_time;
        field.kind = argument.empty() ? Kind::kWord : Kind::kText;
    } else if (command == "REQ" || command == "REQ_WITHOUT_QUERY") {
        field.member = request_header(argument);
        const bool word = field.member == &AccessLine::method ||
                          field.member == &AccessLine::request_id ||
                          field.member == &AccessLine::trace_id;
        field.kind = word ? Kind::kWord : Kind::kText;
    } else if (command == "RESP") {
        const bool known = iequals(argument, "X-ENVOY-UPSTREAM-SERVICE-TIME");
        field.member = known ? &AccessLine::upstream_service_time : nullptr;
        field.kind = known ? Kind::kWord : Kind::kText;
    } else if (const Member count = find(kCounts, command)) {
        field.member = count;
        field.kind = Kind::kCount;
    } else if (const Member word = find(kWords, command)) {
        field.member = word;
        field.kind = Kind::kWord;
    } else {
        field.member = find(kTexts, command);
    }
}

// `format` begins with '%'. An argument may hold percent signs: START_TIME(%s.%3f).
std::optional<AccessLogFormat::Field> AccessLogFormat::read_command(std::string_view& format) {
    std::size_t at = 1;
    while (at < format.size() && is_command_char(format[at])) {
        ++at;
    }
    const std::string_view command = format.substr(1, at - 1);
    std::string_view argument;
    if (at < format.size() && format[at] == '(') {
        const std::size_t close = format.find(')', at);
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        argument = format.substr(at + 1, close - at - 1);
        at = close + 1;
    }
    if (at < format.size() && format[at] == ':') {
        do {
            ++at;
        } while (at < format.size() && format[at] >= '0' && format[at] <= '9');
    }
    if (command.empty() || at >= format.size() || format[at] != '%') {
        return std::nullopt;
    }
    format.remove_prefix(at + 1);
    Field field;
    name_command(command, argument, field);
    return field;
}

std::optional<AccessLogFormat> AccessLogFormat::compile(std::string_view format) {
    format = trim(format);
    AccessLogFormat compiled;
    std::string literal;
    while (!format.empty()) {
        if (format.starts_with("%%")) {
            literal += '%';
            format.remove_prefix(2);
        } else if (format.front() != '%') {
            literal += format.front();
            format.remove_prefix(1);
        } else {
            std::optional<Field> field = read_command(format);
            if (!field || (literal.empty() && !compiled.fields_.empty())) {
                return std::nullopt;
            }
            field->before = std::exchange(literal, {});
            compiled.fields_.push_back(std::move(*field));
        }
    }
    compiled.end_ = std::move(literal);
    const auto telling = [](const Field& field) {
        return field.member != nullptr && field.member != &AccessLine::start_time;
    };
    if (std::ranges::none_of(compiled.fields_, telling)) {
        return std::nullopt;
    }
    return compiled;
}

const AccessLogFormat& AccessLogFormat::istio() {
    static const AccessLogFormat kFormat = [] {
        AccessLogFormat format = *compile(
            R"([%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" )"
            R"(%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% )"
            R"(%CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" )"
            R"(%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% )"
            R"("%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" )"
            R"("%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% )"
            R"(%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% )"
            R"(%REQUESTED_SERVER_NAME% %ROUTE_NAME%)"
        );
        for (Field& field : format.fields_) {
            field.kind = field.kind == Kind::kCount ? Kind::kNumber : field.kind;
        }
        format.last_optional_ = true;
        return format;
    }();
    return kFormat;
}

const AccessLogFormat& AccessLogFormat::envoy() {
    static const AccessLogFormat kFormat = [] {
        AccessLogFormat format = *compile(
            R"([%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" )"
            R"(%RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% )"
            R"(%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" )"
            R"("%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%")"
        );
        for (Field& field : format.fields_) {
            field.kind = field.kind == Kind::kCount ? Kind::kNumber : field.kind;
        }
        return format;
    }();
    return kFormat;
}

bool AccessLogFormat::fits(Kind kind, std::string_view value) {
    switch (kind) {
        case Kind::kText:
            return true;
        case Kind::kWord:
            return std::ranges::find(value, ' ') == value.end();
        case Kind::kNumber:
            return all_digits(value);
        case Kind::kCount:
            return value == "-" || all_digits(value);
    }
    return false;
}

// `line` begins behind the first literal.
bool AccessLogFormat::match_from(std::string_view line, AccessLine& out) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const Field& field = fields_[i];
        const bool last = i + 1 == fields_.size();
        const std::string& behind = last ? end_ : fields_[i + 1].before;
        std::size_t end = line.size();
        bool whole = last && behind.empty();
        if (last && !behind.empty()) {
            if (!line.ends_with(behind)) {
                return false;
            }
            end = line.size() - behind.size();
            whole = true;
        } else if (!last) {
            end = find_near(line, behind);
            if (end == std::string_view::npos) {
                if (!last_optional_ || i + 2 != fields_.size()) {
                    return false;
                }
                end = line.size();
                whole = true;
            }
        }
        const std::string_view value = line.substr(0, end);
        if (!fits(field.kind, value)) {
            return false;
        }
        if (field.member != nullptr) {
            out.*field.member = value;
        }
        if (whole) {
            return true;
        }
        line.remove_prefix(end + behind.size());
    }
    return false;
}

bool AccessLogFormat::match(std::string_view line, AccessLine& out) const {
    line = trim(line);
    const std::string& first = fields_.front().before;
    if (first.empty()) {
        out = {};
        return match_from(line, out);
    }
    std::size_t at = line.find(first);
    for (int i = 0; i < kMaxBeginnings && at != std::string_view::npos; ++i) {
        out = {};
        if (match_from(line.substr(at + first.size()), out)) {
            return true;
        }
        at = line.find(first, at + 1);
    }
    return false;
}

}  // namespace meshscope::business
