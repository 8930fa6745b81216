#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace meshscope::server {

// A request target, taken apart. Views into the target.
struct Target {
    std::string_view path;   // percent-encoded, begins with '/'
    std::string_view query;  // without the '?'
};

// Origin form ("/a?b") and absolute form ("http://host/a?b", whose authority is not looked at).
// nullopt for anything else ("*", "host:443"), for a malformed escape, an encoded control
// character, and for a segment that is "." or ".." when decoded.
std::optional<Target> parse_target(std::string_view target);

struct BelowRoot {
    std::string_view path;  // percent-encoded, begins with '/'
};
struct ToRoot {};  // "/" was asked for and the root is elsewhere
struct OutsideRoot {};
using RootMatch = std::variant<BelowRoot, ToRoot, OutsideRoot>;

// `web_root` is "/" or "/x" without a trailing slash. The root without its slash counts as with it.
RootMatch below_root(std::string_view path, std::string_view web_root);

}  // namespace meshscope::server
