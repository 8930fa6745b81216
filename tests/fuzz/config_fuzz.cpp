#include "config/effective.hpp"
#include "config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// Any bytes are a configuration or a clear error, and what loads can be printed and loaded again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshscope;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    config::LoadOptions options;
    options.mount_root = "/nonexistent";
    const auto loaded = config::load_text(text, options);
    if (loaded && !config::load_text(config::effective_yaml(loaded->config), options)) {
        __builtin_trap();
    }
    return 0;
}
