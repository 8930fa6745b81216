#pragma once

#include "config/yaml_tree.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a YAML 1.1 scalar means. nullopt: not of that type. A null node is the zero of each type.
namespace meshscope::config {

// y, yes, true, on and their opposites, in the three usual cases; quoted text is no boolean.
std::optional<bool> as_bool(const YamlNode& node);

// Decimal, 0x, 0o, 0b, a leading 0 for octal, underscores; a float is cut at the point.
std::optional<std::int64_t> as_integer(const YamlNode& node);

std::optional<double> as_number(const YamlNode& node);

// Text as written, also of numbers and booleans; !!binary is decoded.
std::optional<std::string> as_text(const YamlNode& node);

// For messages: `"20001" in quotes`, `a list`. With `hide`, without the value.
std::string describe_found(const YamlNode& node, bool hide);

}  // namespace meshscope::config
