#pragma once

#include "core/error.hpp"
#include "server/http_types.hpp"

#include <string_view>

namespace meshscope::handlers {

// The one table from kinds of errors to HTTP statuses.
unsigned status_of(ErrorKind kind);

// {"error","detail"?,"code","requestId","hint"?}: every error of every route looks like this.
server::Response error_response(const Error& error, std::string_view request_id);

}  // namespace meshscope::handlers
