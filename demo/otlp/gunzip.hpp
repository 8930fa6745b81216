#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace meshscope::demo {

// Unpacks gzip, several members after one another too. kTooLarge beyond `most` bytes,
// kInvalidArgument when it is no gzip or ends early.
Result<std::string> gunzip(std::string_view packed, std::size_t most);

// Whether it begins as gzip does; no protobuf message and no JSON does.
bool looks_like_gzip(std::string_view bytes);

}  // namespace meshscope::demo
