#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/otlp/export_answer.hpp"

#include <string>

namespace meshscope::clients::otlp {

// Sends one encoded ExportTraceServiceRequest, once.
class SpanSender {
 public:
    virtual ~SpanSender() = default;
    // Never fails: what went wrong is in the answer. Bounded by the context's deadline;
    // cancellable.
    virtual Awaitable<ExportAnswer> send(RequestContext context, std::string request) = 0;
};

}  // namespace meshscope::clients::otlp
