#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::config {

struct YamlNode;
using YamlPtr = std::shared_ptr<const YamlNode>;

struct YamlEntry {
    std::string key;
    int line = 0;
    YamlPtr value;
};

// A YAML value as written, immutable; aliases share nodes. Merge keys are applied (explicit keys
// win); of repeated keys the last stays, but two maps are merged.
struct YamlNode {
    enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

    Kind kind = Kind::kNull;
    int line = 0;                    // from 1
    bool plain = false;              // a scalar without quotes, block style or tag
    std::string tag;                 // "tag:yaml.org,2002:int", "!own"; empty when none is written
    std::string text;                // of a scalar
    std::vector<YamlPtr> items;      // of a list
    std::vector<YamlEntry> entries;  // of a map; keys are unique, in order of appearance
    std::size_t weight = 1;          // nodes, counting aliases each time
    int depth = 1;

    [[nodiscard]] const YamlEntry* find(std::string_view key) const;  // nullptr when absent
};

// The first document of UTF-8 text (a byte order mark and CRLF are fine). Empty text is a null
// node. Errors name the line. Bounds: depth 64, a million nodes with aliases counted each time.
Result<YamlPtr> parse_yaml(std::string_view text);

}  // namespace meshscope::config
