#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace meshscope::server {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

std::string_view to_string(Method method);

// Header fields in the order received; names compared without case.
class Headers {
 public:
    void add(std::string name, std::string value) {
        items_.emplace_back(std::move(name), std::move(value));
    }
    void set(std::string_view name, std::string value);  // replaces every field of that name
    void remove(std::string_view name);
    void clear() { items_.clear(); }
    // The first value, nullopt when absent.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& items() const {
        return items_;
    }

 private:
    std::vector<std::pair<std::string, std::string>> items_;
};

// Query parameters, percent-decoded ('+' is a space), in order. Pairs whose escapes are malformed
// are in `malformed` (the raw text), never silently lost. A name without '=' has the value "".
struct Query {
    std::vector<std::pair<std::string, std::string>> items;
    std::vector<std::string> malformed;

    [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
};

Query parse_query(std::string_view text);

// A request that passed framing and routing. Owned by the session for as long as its handler runs.
struct Request {
    Method method = Method::kGet;
    std::string target;  // as received, for logs
    // Below web_root, percent-decoded, begins with '/'. For messages: whether a '/' was an encoded
    // one is lost here, so take decisions on path_parameters.
    std::string path;
    Query query;
    Headers headers;
    std::string body;
    std::vector<std::pair<std::string, std::string>>
        path_parameters;  // by name in the route's pattern
    std::string peer;     // address of the client, no port
    bool tls = false;

    // The value of {name}; "" when the pattern has no such parameter (a bug of the handler).
    [[nodiscard]] std::string_view path_parameter(std::string_view name) const;
};

// Produces a long body piece by piece: appends a piece (about 64 KiB) to `out` and returns true, or
// returns false when the body is complete (it may have appended a last piece). Called on the
// session's thread, only when the client has taken what came before; one call should take less than
// a millisecond.
using BodySource = std::function<bool(std::string& out)>;

class LiveBody;  // live_body.hpp

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    Headers headers;
    std::variant<std::string, BodySource, std::shared_ptr<LiveBody>> body;

    static Response json(std::string body, unsigned status = 200);
    static Response text(std::string body, unsigned status = 200);  // text/plain; charset=utf-8
    static Response stream(BodySource source);                      // application/json
    // Never null; is told to be kept by nobody on the way. Its connection closes behind it.
    static Response live(std::string content_type, std::shared_ptr<LiveBody> body);
    static Response empty(unsigned status);
    static Response redirect(std::string location, unsigned status = 302);
};

}  // namespace meshscope::server
