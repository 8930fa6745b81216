#pragma once

#include "business/diagnose.hpp"
#include "core/result.hpp"

#include <string_view>

namespace meshscope::handlers {

// Settings of tracing as clients of old write them: the keys of Kiali's configuration in camel
// case; what this server does not use is ignored. kInvalidArgument, naming the key: no JSON object,
// a value of another type, the path of a file, the server's own token, headers that cannot be sent,
// OAuth2 other than the stored one. A value that is the mask of secrets makes all credentials the
// stored ones.
Result<business::CheckedSettings> read_check_body(std::string_view body);

// Whether the settings are of a backend that this server reads; what `read_check_body` does not
// look at. "" when they are not written.
std::string provider_of(std::string_view body);

}  // namespace meshscope::handlers
