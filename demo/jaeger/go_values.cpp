#include "demo/jaeger/go_values.hpp"

#include <array>
#include <charconv>

namespace meshscope::demo {
namespace {

struct Unit {
    std::string_view name;
    double microseconds;
};

// Longer names first: "ms" is not "m".
constexpr std::array kUnits = {
    Unit{"ns", 1e-3},
    Unit{"us", 1},
    Unit{"\xC2\xB5s", 1},
    Unit{"\xCE\xBCs", 1},
    Unit{"ms", 1e3},
    Unit{"s", 1e6},
    Unit{"m", 60e6},
    Unit{"h", 3600e6},
};

const Unit* leading_unit(std::string_view text) {
    for (const Unit& unit : kUnits) {
        if (text.starts_with(unit.name)) {
            return &unit;
        }
    }
    return nullptr;
}

}  // namespace

std::optional<std::int64_t> parse_go_duration(std::string_view text) {
    if (text == "0") {
        return 0;
    }
    if (text.empty()) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        double amount = 0;
        const auto [end, error] = std::from_chars(
            text.data(), text.data() + text.size(), amount, std::chars_format::fixed
        );
        if (error != std::errc() || amount < 0) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const Unit* unit = leading_unit(text);
        if (unit == nullptr) {
            return std::nullopt;
        }
        text.remove_prefix(unit->name.size());
        total += amount * unit->microseconds;
    }
    if (total > 9e15) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(total);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace meshscope::demo
