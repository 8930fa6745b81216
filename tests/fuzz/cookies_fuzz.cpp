#include "server/sealed_cookies.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace meshscope;
using namespace meshscope::server;

namespace {

SealedCookies sealer() {
    CookieOptions options;
    options.name = "s";
    options.count_name = "c";
    options.part = 32;
    return {options, [] { return std::vector<std::string>{"0123456789abcdef"}; }};
}

void demand(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

}  // namespace

// No cookies open that were not sealed; what was sealed opens to the same, whatever other cookies
// come behind it, and all of ours can be ended.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const SealedCookies cookies = sealer();
    Request request;
    request.headers.add("Cookie", text);
    std::size_t characters = 0;
    for (const auto& [name, value] : cookies_of(request)) {
        characters += name.size() + 1 + value.size();
    }
    demand(characters <= size);
    const auto forged = cookies.open(request);
    demand(!forged || !forged->has_value());

    Response sealed;
    if (!cookies.seal(request, text, SystemTime{}, false, sealed)) {
        return 0;  // too large
    }
    Request sent;
    for (const auto& [header, line] : sealed.headers.items()) {
        if (line.find("Max-Age=0") == std::string::npos) {
            sent.headers.add("Cookie", line.substr(0, line.find(';')));
        }
    }
    sent.headers.add("Cookie", text);
    const auto opened = cookies.open(sent);
    demand(opened && opened->has_value() && **opened == text);

    Response ended;
    cookies.clear(sent, true, ended);
    demand(!ended.headers.items().empty());
    return 0;
}
