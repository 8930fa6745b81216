#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "core/result.hpp"

#include <string>

namespace meshscope::clients {

// Where the Authorization header of an HttpClient's calls comes from when it has to be waited for.
// Usable from every thread.
class Authorizer {
 public:
    virtual ~Authorizer() = default;

    // The header's value, "" for none. Its errors become those of the call, as they are.
    virtual Awaitable<Result<std::string>> authorization(RequestContext context) = 0;

    // The server answered 401 to this value: the next authorization() is another one if it can.
    virtual void rejected(const std::string& value) = 0;
};

}  // namespace meshscope::clients
