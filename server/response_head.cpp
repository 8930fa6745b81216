#include "server/response_head.hpp"

#include "core/text.hpp"
#include "server/framing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace meshscope::server {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

void append_number(std::string& out, std::uint64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_two(std::string& out, std::int64_t value) {
    out += static_cast<char>('0' + value / 10 % 10);
    out += static_cast<char>('0' + value % 10);
}

std::string format_date(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::string out;
    out += kDays[std::chrono::weekday(day).c_encoding()];
    out += ", ";
    append_two(out, static_cast<unsigned>(date.day()));
    out += ' ';
    out += kMonths[static_cast<unsigned>(date.month()) - 1];
    out += ' ';
    append_number(out, static_cast<std::uint64_t>(std::max(0, static_cast<int>(date.year()))));
    out += ' ';
    append_two(out, clock.hours().count());
    out += ':';
    append_two(out, clock.minutes().count());
    out += ':';
    append_two(out, clock.seconds().count());
    out += " GMT";
    return out;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

bool is_servers_own(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kNames{
        "content-length", "transfer-encoding", "connection", "date", "x-request-id", "content-type"
    };
    return std::ranges::any_of(kNames, [&](std::string_view own) { return iequals(own, name); });
}

void append_handlers_fields(std::string& out, const Headers& headers) {
    for (const auto& [name, value] : headers.items()) {
        if (!is_token(name) || is_servers_own(name)) {
            continue;
        }
        out += name;
        out += ": ";
        for (const char c : value) {
            const auto byte = static_cast<unsigned char>(c);
            out += (byte < 0x20 && c != '\t') || byte == 0x7F ? ' ' : c;
        }
        out += "\r\n";
    }
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

bool status_has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

FixedHeaders::FixedHeaders(std::vector<std::pair<std::string, std::string>> fields)
    : fields_(std::move(fields)) {
    for (const auto& [name, value] : fields_) {
        append_field(all_, name, value);
    }
}

void FixedHeaders::append_to(std::string& out, const Headers& own) const {
    if (own.items().empty()) {
        out += all_;
        return;
    }
    for (const auto& [name, value] : fields_) {
        if (!own.get(name)) {
            append_field(out, name, value);
        }
    }
}

FixedHeaders FixedHeaders::of_server(bool tls, bool cors_allow_all) {
    std::vector<std::pair<std::string, std::string>> fields{
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"X-XSS-Protection", "1; mode=block"},
        {"Referrer-Policy", "no-referrer"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
        {"Content-Security-Policy",
         "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
    };
    if (tls) {
        fields.emplace_back("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    }
    if (cors_allow_all) {
        fields.emplace_back("Access-Control-Allow-Origin", "*");
        fields.emplace_back(
            "Access-Control-Allow-Headers", "Origin, X-Requested-With, Content-Type, Accept"
        );
        fields.emplace_back("Access-Control-Expose-Headers", "X-Request-Id, Meshscope-Meta");
    }
    return FixedHeaders(std::move(fields));
}

void append_response_head(std::string& out, const Response& response, const HeadParts& parts) {
    out += "HTTP/1.1 ";
    append_number(out, response.status);
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
    append_field(out, "Date", http_date(parts.now));
    if (!response.content_type.empty()) {
        append_field(out, "Content-Type", response.content_type);
    }
    if (parts.content_length) {
        out += "Content-Length: ";
        append_number(out, *parts.content_length);
        out += "\r\n";
    }
    if (parts.chunked) {
        out += "Transfer-Encoding: chunked\r\n";
    }
    if (parts.coding != ContentCoding::kIdentity) {
        append_field(out, "Content-Encoding", to_string(parts.coding));
    }
    if (parts.vary) {
        out += "Vary: Accept-Encoding\r\n";
    }
    if (!parts.request_id.empty()) {
        append_field(out, "X-Request-Id", parts.request_id);
    }
    if (parts.fixed != nullptr) {
        parts.fixed->append_to(out, response.headers);
    }
    append_handlers_fields(out, response.headers);
    if (!parts.keep_alive) {
        out += "Connection: close\r\n";
    } else if (parts.http10) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
}

std::string_view http_date(SystemTime time) {
    thread_local std::chrono::sys_seconds cached_at{std::chrono::seconds(-1)};
    thread_local std::string cached;
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    if (cached.empty() || second != cached_at) {
        cached = format_date(second);
        cached_at = second;
    }
    return cached;
}

}  // namespace meshscope::server
