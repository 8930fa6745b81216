#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "server/http_types.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace meshscope::server {

using Handler = std::function<Awaitable<Response>(RequestContext context, const Request& request)>;

struct RouteOptions {
    // "api" routes get request id, access log, metrics and a span; a probe ("/healthz") gets none
    // of the log lines.
    bool quiet = false;
};

struct Route {
    Method method = Method::kGet;
    std::string pattern;  // "/api/namespaces/{namespace}/apps/{app}/traces"
    Handler handler;
    RouteOptions options;
    std::size_t index = 0;  // position in Router::routes()
    std::vector<std::string> parameter_names;
};

struct Matched {
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> parameters;  // percent-decoded
};
struct WrongMethod {
    std::vector<Method>
        allowed;  // of the routes that match the path, HEAD added where GET is there
};
struct WithoutSlash {
    std::string path;  // the route exists without the trailing slash: redirect there
};
struct NotFound {};
using RouteMatch = std::variant<Matched, WrongMethod, WithoutSlash, NotFound>;

// Routes of literal segments and {parameters}; a literal wins over a parameter, whatever the order
// of add(). A parameter takes one non-empty segment, decoded after matching, so "%2F" stays inside
// it. The last segment may be {name...}: it takes the whole rest of the path, which may be empty
// ("/{path...}" matches every path), and yields to every other route; a rest with an encoded '/' in
// it does not match. HEAD is answered by the GET route. Immutable once serving; shared by all
// threads.
class Router {
 public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // Adding the same method and pattern twice, or a pattern that differs only in parameter names,
    // throws std::logic_error; so does a malformed pattern.
    void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});

    // `path` as received, still percent-encoded, without the query and below web_root.
    // A path with a malformed escape matches nothing.
    [[nodiscard]] RouteMatch match(Method method, std::string_view path) const;

    [[nodiscard]] std::vector<const Route*> routes() const;  // in order of add()

 private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace meshscope::server
