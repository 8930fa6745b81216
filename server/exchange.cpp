#include "server/exchange.hpp"

namespace meshscope::server {

void Exchange::reset() {
    request.method = Method::kOther;
    request.target.clear();
    request.path.clear();
    request.query.items.clear();
    request.query.malformed.clear();
    request.headers.clear();
    request.body.clear();
    request.path_parameters.clear();
    facts = {};
    context = {};
    caller_span = {};
    caller_sampled.reset();
    route = nullptr;
    cancelled = false;
}

}  // namespace meshscope::server
