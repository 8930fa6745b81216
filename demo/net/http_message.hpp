#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::demo {

class Stopper;

struct HttpRequest {
    std::string method;
    std::string path;  // still percent-encoded, without the query
    std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order
    // Headers, "" when absent.
    std::string authorization;
    std::string content_type;
    std::string content_encoding;
    std::string body;

    [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
    // The first header of that name (in lower case), "" when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

// A body that comes as time goes. Fills `piece` with what comes next, nothing when there is nothing
// yet; false ends the body. May wait, for at most a second, and no longer than until `leaving` is
// stopped. Called on the connection's thread only.
using PieceSource = std::function<bool(std::string& piece, Stopper& leaving)>;

struct HttpReply {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    PieceSource pieces;  // given: `body` and then these are sent, chunked
};

// With the headers that Go's server adds to an error.
HttpReply plain_text(unsigned status, std::string text);
HttpReply page_not_found();

// Splits a request target; escapes that are malformed stay as they are.
HttpRequest parse_target(std::string_view method, std::string_view target);

}  // namespace meshscope::demo
