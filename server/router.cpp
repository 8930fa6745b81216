#include "server/router.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>

namespace meshscope::server {
namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(Method::kOther) + 1;

std::size_t slot_of(Method method) { return static_cast<std::size_t>(method); }

using Routes = std::array<const Route*, kMethods>;

}  // namespace

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    Routes routes{};       // of a path that ends here
    Routes rest_routes{};  // {name...} from here on

    [[nodiscard]] std::unique_ptr<Node>& child(std::string_view segment) {
        return literals.try_emplace(std::string(segment)).first->second;
    }
};

namespace {

enum class SegmentKind { kLiteral, kParameter, kRest };

struct Segment {
    SegmentKind kind = SegmentKind::kLiteral;
    std::string_view name;
};

[[noreturn]] void bad_pattern(std::string_view pattern, std::string_view why) {
    throw std::logic_error("route " + std::string(pattern) + ": " + std::string(why));
}

Segment parse_segment(std::string_view pattern, std::string_view text) {
    if (!text.starts_with('{')) {
        if (text.empty() || text.find_first_of("{}%") != std::string_view::npos) {
            bad_pattern(pattern, "a literal segment must not be empty or hold '{', '}' or '%'");
        }
        return {SegmentKind::kLiteral, text};
    }
    if (!text.ends_with('}')) {
        bad_pattern(pattern, "a parameter takes a whole segment");
    }
    std::string_view name = text.substr(1, text.size() - 2);
    const bool rest = name.ends_with("...");
    if (rest) {
        name.remove_suffix(3);
    }
    if (name.empty()) {
        bad_pattern(pattern, "a parameter needs a name");
    }
    return {rest ? SegmentKind::kRest : SegmentKind::kParameter, name};
}

// The segments of a path after its first '/'; "/" has none.
std::vector<std::string_view> segments_of(std::string_view path) {
    if (path.size() <= 1) {
        return {};
    }
    return split(path.substr(1), '/');
}

// One path on its way through the tree.
template <class Node>
class Search {
 public:
    Search(Method method, std::string_view path) : method_(method), raw_(segments_of(path)) {
        decoded_.reserve(raw_.size());
        for (const std::string_view segment : raw_) {
            std::optional<std::string> text = percent_decode(segment, false);
            malformed_ = malformed_ || !text;
            decoded_.push_back(text ? std::move(*text) : std::string());
        }
    }

    [[nodiscard]] RouteMatch run(const Node& root) {
        if (malformed_) {
            return NotFound{};
        }
        const Route* route = visit(root, 0);
        if (route != nullptr) {
            return Matched{route, parameters_of(*route)};
        }
        if (allowed_.empty()) {
            return NotFound{};
        }
        return WrongMethod{std::move(allowed_)};
    }

 private:
    // Depth first, literals before parameters; the first route that takes the method wins. The
    // depth is bounded by the deepest pattern.
    const Route* visit(const Node& node, std::size_t at) {
        if (at == decoded_.size()) {
            if (const Route* route = pick(node.routes)) {
                return route;
            }
        } else {
            if (const auto literal = node.literals.find(decoded_[at]);
                literal != node.literals.end()) {
                if (const Route* route = visit(*literal->second, at + 1)) {
                    return route;
                }
            }
            if (node.parameter && !decoded_[at].empty()) {
                taken_.push_back(at);
                if (const Route* route = visit(*node.parameter, at + 1)) {
                    return route;
                }
                taken_.pop_back();
            }
        }
        return visit_rest(node, at);
    }

    const Route* visit_rest(const Node& node, std::size_t at) {
        const bool encoded_slash = std::any_of(
            decoded_.begin() + static_cast<std::ptrdiff_t>(at),
            decoded_.end(),
            [](const std::string& text) { return text.find('/') != std::string::npos; }
        );
        if (encoded_slash) {
            return nullptr;
        }
        const Route* route = pick(node.rest_routes);
        if (route != nullptr) {
            rest_from_ = at;
        }
        return route;
    }

    const Route* pick(const Routes& routes) {
        if (const Route* route = routes[slot_of(method_)]) {
            return route;
        }
        if (method_ == Method::kHead && routes[slot_of(Method::kGet)] != nullptr) {
            return routes[slot_of(Method::kGet)];
        }
        for (const Route* route : routes) {
            if (route == nullptr) {
                continue;
            }
            allow(route->method);
            if (route->method == Method::kGet) {
                allow(Method::kHead);
            }
        }
        return nullptr;
    }

    void allow(Method method) {
        if (std::ranges::find(allowed_, method) == allowed_.end()) {
            allowed_.push_back(method);
        }
    }

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> parameters_of(const Route& route
    ) {
        std::vector<std::pair<std::string, std::string>> parameters;
        parameters.reserve(route.parameter_names.size());
        for (std::size_t i = 0; i < taken_.size(); ++i) {
            parameters.emplace_back(route.parameter_names[i], std::move(decoded_[taken_[i]]));
        }
        if (rest_from_) {
            std::string rest;
            for (std::size_t at = *rest_from_; at < decoded_.size(); ++at) {
                rest += at == *rest_from_ ? "" : "/";
                rest += decoded_[at];
            }
            parameters.emplace_back(route.parameter_names.back(), std::move(rest));
        }
        return parameters;
    }

    Method method_;
    std::vector<std::string_view> raw_;
    std::vector<std::string> decoded_;
    std::vector<std::size_t> taken_;  // segments that parameters took
    std::optional<std::size_t> rest_from_;
    std::vector<Method> allowed_;
    bool malformed_ = false;
};

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
    if (!pattern.starts_with('/')) {
        bad_pattern(pattern, "a pattern begins with '/'");
    }
    auto route = std::make_unique<Route>();
    Node* node = root_.get();
    Routes* routes = nullptr;
    for (const std::string_view text : segments_of(pattern)) {
        if (routes != nullptr) {
            bad_pattern(pattern, "nothing may follow {name...}");
        }
        const Segment segment = parse_segment(pattern, text);
        if (segment.kind != SegmentKind::kLiteral) {
            route->parameter_names.emplace_back(segment.name);
        }
        if (segment.kind == SegmentKind::kRest) {
            routes = &node->rest_routes;
            continue;
        }
        std::unique_ptr<Node>& next =
            segment.kind == SegmentKind::kLiteral ? node->child(segment.name) : node->parameter;
        if (!next) {
            next = std::make_unique<Node>();
        }
        node = next.get();
    }
    if (routes == nullptr) {
        routes = &node->routes;
    }
    const Route*& slot = (*routes)[slot_of(method)];
    if (slot != nullptr) {
        bad_pattern(pattern, "the same as " + slot->pattern + ", which is there already");
    }
    route->method = method;
    route->pattern = std::move(pattern);
    route->handler = std::move(handler);
    route->options = options;
    route->index = routes_.size();
    slot = route.get();
    routes_.push_back(std::move(route));
}

RouteMatch Router::match(Method method, std::string_view path) const {
    RouteMatch found = Search<Node>(method, path).run(*root_);
    if (!std::holds_alternative<NotFound>(found) || path.size() < 2 || !path.ends_with('/')) {
        return found;
    }
    path.remove_suffix(1);
    if (path == "/" || path.starts_with("//")) {
        return NotFound{};  // "//host" in a redirect would lead away from here
    }
    const RouteMatch without = Search<Node>(method, path).run(*root_);
    if (std::holds_alternative<NotFound>(without)) {
        return NotFound{};
    }
    return WithoutSlash{std::string(path)};
}

std::vector<const Route*> Router::routes() const {
    std::vector<const Route*> all;
    all.reserve(routes_.size());
    for (const auto& route : routes_) {
        all.push_back(route.get());
    }
    return all;
}

}  // namespace meshscope::server
