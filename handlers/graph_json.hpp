#pragma once

#include "business/graph_appender.hpp"
#include "server/http_types.hpp"

#include <memory>

namespace meshscope::business {
class Masker;
}

namespace meshscope::handlers {

// {"timestamp","duration","graphType","elements":{"nodes","edges"},"meta"} of a graph that is
// complete, piece by piece. What takes long, ids and order, is done here at once: on any thread.
server::BodySource graph_body(
    std::shared_ptr<const business::GraphWork> work, std::shared_ptr<const business::Masker> masker
);

}  // namespace meshscope::handlers
