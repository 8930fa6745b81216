#include "demo/net/http_message.hpp"

#include "core/text.hpp"

namespace meshscope::demo {
namespace {

std::string decoded(std::string_view text) {
    return percent_decode(text, true).value_or(std::string(text));
}

}  // namespace

std::optional<std::string_view> HttpRequest::first(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

HttpReply plain_text(unsigned status, std::string text) {
    HttpReply reply;
    reply.status = status;
    reply.content_type = "text/plain; charset=utf-8";
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.body = std::move(text);
    return reply;
}

HttpReply page_not_found() { return plain_text(404, "404 page not found\n"); }

HttpRequest parse_target(std::string_view method, std::string_view target) {
    HttpRequest request;
    request.method = method;
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark == std::string_view::npos) {
        return request;
    }
    for (const std::string_view pair : split(target.substr(mark + 1), '&')) {
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = pair.find('=');
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        request.query.emplace_back(decoded(pair.substr(0, equals)), decoded(value));
    }
    return request;
}

}  // namespace meshscope::demo
