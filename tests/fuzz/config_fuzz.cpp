#include "config/effective.hpp"
#include "config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Any bytes are a configuration or a clear error, and what loads can be printed and loaded again,
// but for the signing key of sessions, which is printed masked and then too short.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    config::LoadOptions options;
    options.mount_root = "/nonexistent";
    const auto loaded = config::load_text(text, options);
    if (!loaded) {
        return 0;
    }
    const auto again = config::load_text(config::effective_yaml(loaded->config), options);
    if (!again && again.error().message().find("login_token.signing_key") == std::string::npos) {
        __builtin_trap();
    }
    return 0;
}
