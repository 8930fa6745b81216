#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "server/http_types.hpp"

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
// it. HEAD is answered by the GET route. Immutable once serving; shared by all threads.
class Router {
 public:
    // Adding the same method and pattern twice, or a pattern that differs only in parameter names,
    // throws std::logic_error.
    void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});

    // `path` as received, still percent-encoded, without the query and below web_root.
    [[nodiscard]] RouteMatch match(Method method, std::string_view path) const;

    [[nodiscard]] std::vector<const Route*> routes() const;  // in order of add()

 private:
    struct Node;
    std::shared_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace meshscope::server
