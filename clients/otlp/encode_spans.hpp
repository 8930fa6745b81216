#pragma once

#include "telemetry/span.hpp"

#include <span>
#include <string>
#include <vector>

namespace meshscope::clients::otlp {

// Who sends the spans: `service.name` and its like, and the instrumentation scope.
struct SpanSource {
    std::vector<telemetry::SpanAttribute> resource;
    std::string scope_name;
    std::string scope_version;
};

// Encodes batches of spans as ExportTraceServiceRequest. Texts are valid UTF-8 by the time they get
// here (telemetry/span.hpp). Immutable.
class SpanEncoder {
 public:
    explicit SpanEncoder(const SpanSource& source);

    [[nodiscard]] std::string encode(std::span<const telemetry::SpanPtr> spans) const;

 private:
    std::string resource_;  // ResourceSpans.resource, encoded
    std::string scope_;     // ScopeSpans.scope, encoded
};

}  // namespace meshscope::clients::otlp
