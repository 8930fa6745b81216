#include "telemetry/log_line.hpp"

#include "core/credential_text.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace meshscope::telemetry {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_padded(std::string& out, unsigned value, std::size_t width) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    out.append(width > size ? width - size : 0, '0');
    out.append(digits.data(), size);
}

// RFC 3339 in UTC; `millis` adds three fraction digits.
void append_time(std::string& out, SystemTime time, bool millis) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
    append_padded(
        out, static_cast<unsigned>(std::clamp(static_cast<int>(date.year()), 0, 9999)), 4
    );
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_padded(out, static_cast<unsigned>(clock.hours().count()), 2);
    out += ':';
    append_padded(out, static_cast<unsigned>(clock.minutes().count()), 2);
    out += ':';
    append_padded(out, static_cast<unsigned>(clock.seconds().count()), 2);
    if (millis) {
        out += '.';
        append_padded(out, static_cast<unsigned>(clock.subseconds().count()), 3);
    }
    out += 'Z';
}

std::string_view short_name(LogLevel level) {
    switch (level) {
        case LogLevel::kTrace:
            return "TRC";
        case LogLevel::kDebug:
            return "DBG";
        case LogLevel::kInfo:
            return "INF";
        case LogLevel::kWarn:
            return "WRN";
        case LogLevel::kError:
            return "ERR";
        case LogLevel::kFatal:
            return "FTL";
    }
    return "INF";
}

std::string_view long_name(LogLevel level) {
    switch (level) {
        case LogLevel::kTrace:
            return "trace";
        case LogLevel::kDebug:
            return "debug";
        case LogLevel::kInfo:
            return "info";
        case LogLevel::kWarn:
            return "warn";
        case LogLevel::kError:
            return "error";
        case LogLevel::kFatal:
            return "fatal";
    }
    return "info";
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

// The C1 controls and the line separators, which some terminals and viewers obey, as they look in
// UTF-8.
std::size_t hidden_sequence(std::string_view text) {
    if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0) {
        return 2;
    }
    if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9")) {
        return 3;
    }
    return 0;
}

void append_scrubbed(std::string& out, std::string_view text, bool quoted) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (const std::size_t hidden = hidden_sequence(text.substr(at)); hidden != 0) {
            out += "\xEF\xBF\xBD";
            at += hidden - 1;
        } else if (c == '\n') {
            out += "\\n";
        } else if (is_control(c)) {
            const auto byte = static_cast<unsigned char>(c);
            out += "\\x";
            out += kHexDigits[byte >> 4U];
            out += kHexDigits[byte & 15U];
        } else if (quoted && (c == '"' || c == '\\')) {
            out += '\\';
            out += c;
        } else {
            out += c;
        }
    }
}

bool needs_quotes(std::string_view text) {
    return text.empty() || std::ranges::any_of(text, [](char c) {
               return is_control(c) || c == ' ' || c == '"' || c == '=' || c == '\\';
           });
}

std::string clean(std::string_view text) {
    std::string masked = mask_userinfo(text);
    if (find_credential(masked)) {
        masked = mask_credentials(masked, "***");
    }
    return is_valid_utf8(masked) ? masked : to_valid_utf8(masked);
}

// Shortest round trip, never with a locale's decimal comma.
void append_double(std::string& out, double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_text_value(std::string& out, const LogField& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        const std::string value = clean(*text);
        if (needs_quotes(value)) {
            out += '"';
            append_scrubbed(out, value, true);
            out += '"';
        } else {
            append_scrubbed(out, value, false);
        }
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
        out += std::to_string(*integer);
    } else if (const auto* number = std::get_if<double>(&field.value)) {
        append_double(out, *number);
    } else {
        out += std::get<bool>(field.value) ? "true" : "false";
    }
}

}  // namespace

std::string mask_userinfo(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (;;) {
        const std::size_t scheme = text.find("://");
        if (scheme == std::string_view::npos) {
            out += text;
            return out;
        }
        out += text.substr(0, scheme + 3);
        text.remove_prefix(scheme + 3);
        const std::string_view authority = text.substr(0, text.find_first_of("/?# \t\r\n\"'<>"));
        if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
            out += "***";
            text.remove_prefix(at);
        }
    }
}

std::string format_text_line(
    SystemTime time, LogLevel level, std::string_view message, std::span<const LogField> fields
) {
    std::string line;
    append_time(line, time, false);
    line += ' ';
    line += short_name(level);
    line += ' ';
    append_scrubbed(line, clean(message), false);
    for (const LogField& field : fields) {
        line += ' ';
        append_scrubbed(line, field.key, false);
        line += '=';
        append_text_value(line, field);
    }
    return line;
}

std::string format_json_line(
    SystemTime time, LogLevel level, std::string_view message, std::span<const LogField> fields
) {
    std::string line;
    JsonWriter json(line);
    std::string at;
    append_time(at, time, true);
    json.begin_object()
        .field("ts", at)
        .field("level", long_name(level))
        .field("msg", clean(message));
    for (const LogField& field : fields) {
        const bool taken = field.key == "ts" || field.key == "level" || field.key == "msg";
        json.key(taken ? "field_" + std::string(field.key) : std::string(field.key));
        if (const auto* text = std::get_if<std::string_view>(&field.value)) {
            json.string(clean(*text));
        } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
            json.integer(*integer);
        } else if (const auto* number = std::get_if<double>(&field.value)) {
            json.number(*number);
        } else {
            json.boolean(std::get<bool>(field.value));
        }
    }
    json.end_object();
    return line;
}

}  // namespace meshscope::telemetry
