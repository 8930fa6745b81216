#include "clients/http/request_head.hpp"

#include "core/ids.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace meshscope::clients {

namespace {

using Field = std::pair<std::string, std::string>;

bool is_token(std::string_view text) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kOthers.find(c) != std::string_view::npos;
    });
}

// The framing is ours.
bool is_reserved(std::string_view name) {
    constexpr std::array<std::string_view, 6> kNames{
        "content-length", "transfer-encoding", "connection", "upgrade", "te", "expect"
    };
    return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view reserved) {
        return iequals(reserved, name);
    });
}

void set(std::vector<Field>& fields, std::string_view name, std::string_view value) {
    const auto same = [&](const Field& field) { return iequals(field.first, name); };
    const auto found = std::find_if(fields.begin(), fields.end(), same);
    if (found == fields.end()) {
        fields.emplace_back(name, value);
    } else {
        found->second = value;
    }
}

// Whether this field, which is one of `fields`, is the first of its name there.
bool is_first(const std::vector<Field>& fields, const Field& field) {
    for (const Field& other : fields) {
        if (iequals(other.first, field.first)) {
            return &other == &field;
        }
    }
    return true;
}

std::string traceparent(const TraceContext& trace) {
    std::string text = "00-" + std::string(49, '0') + (trace.sampled ? "-01" : "-00");
    write_hex16(trace.trace.high, text.data() + 3);
    write_hex16(trace.trace.low, text.data() + 19);
    text[35] = '-';
    write_hex16(trace.span.value, text.data() + 36);
    return text;
}

void add_context(std::vector<Field>& fields, const RequestContext& context) {
    if (!context.request_id.empty() && is_field_value(context.request_id)) {
        set(fields, "X-Request-Id", context.request_id);
    }
    if (context.trace.trace.is_zero() || context.trace.span.is_zero()) {
        return;
    }
    set(fields, "traceparent", traceparent(context.trace));
    if (!context.trace.state.empty() && is_field_value(context.trace.state)) {
        set(fields, "tracestate", context.trace.state);
    }
}

}  // namespace

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7F) || c == '\t';
    });
}

bool is_target(std::string_view text) {
    return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](char c) {
               return c > 0x20 && c < 0x7F && c != '#';
           });
}

Result<std::string> write_head(
    const RequestHead& head,
    const HttpRequest& request,
    const HttpClientOptions& options,
    const RequestContext& context
) {
    if (!is_token(head.method) || !is_target(head.target)) {
        return Error(ErrorKind::kInvalidArgument, "the request has a broken method or path");
    }
    std::vector<Field> fields{{"Host", options.base.host_header()}, {"User-Agent", "meshscope"}};
    if (request.accept_gzip) {
        set(fields, "Accept-Encoding", "gzip");
    }
    if (!head.authorization.empty()) {
        set(fields, "Authorization", head.authorization);
    }
    add_context(fields, context);
    for (const auto* source : {&options.custom_headers, &request.headers}) {
        for (const Field& field : *source) {
            const auto& [name, value] = field;
            if (!is_token(name) || !is_field_value(value)) {
                return Error(
                    ErrorKind::kInvalidArgument,
                    "the header '" + to_valid_utf8(name) +
                        "' has a bad name or a control character in its value"
                );
            }
            if (is_reserved(name)) {
                continue;
            }
            if (source == &request.headers && !is_first(request.headers, field)) {
                fields.emplace_back(name, value);
            } else {
                set(fields, name, value);
            }
        }
    }
    if (!head.proxy_authorization.empty()) {
        set(fields, "Proxy-Authorization", head.proxy_authorization);
    }
    if (!request.body.empty() || head.method == "POST" || head.method == "PUT") {
        fields.emplace_back("Content-Length", std::to_string(request.body.size()));
    }
    std::string text = head.method + " ";
    if (head.through_proxy) {
        text += "http://" + options.base.host_header();
    }
    text += head.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : fields) {
        text += name + ": " + value + "\r\n";
    }
    return text + "\r\n";
}

}  // namespace meshscope::clients
