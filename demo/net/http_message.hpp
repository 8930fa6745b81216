#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::demo {

struct HttpRequest {
    std::string method;
    std::string path;  // still percent-encoded, without the query
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
    // Headers, "" when absent.
    std::string authorization;
    std::string content_type;
    std::string content_encoding;
    std::string body;

    [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
};

struct HttpReply {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

// With the headers that Go's server adds to an error.
HttpReply plain_text(unsigned status, std::string text);
HttpReply page_not_found();

// Splits a request target; escapes that are malformed stay as they are.
HttpRequest parse_target(std::string_view method, std::string_view target);

}  // namespace meshscope::demo
