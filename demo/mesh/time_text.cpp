#include "demo/mesh/time_text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace meshscope::demo {

std::string rfc3339(SystemTime time, int digits) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto whole = static_cast<std::time_t>(seconds.time_since_epoch().count());
    std::tm parts{};
    ::gmtime_r(&whole, &parts);
    std::array<char, 32> date{};
    std::string out(
        date.data(), std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts)
    );
    if (digits > 0) {
        std::string micros = std::to_string((time - seconds).count());
        micros.insert(0, 6 - micros.size(), '0');
        out += '.' + micros.substr(0, static_cast<std::size_t>(digits));
    }
    return out + 'Z';
}

}  // namespace meshscope::demo
