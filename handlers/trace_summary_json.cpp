#include "handlers/trace_summary_json.hpp"

#include "handlers/envelope.hpp"

namespace meshscope::handlers {

void write_summary(
    JsonWriter& json, const business::TraceSummary& trace, const business::Masker& masker
) {
    json.begin_object();
    json.key("traceID").plain_string(trace.id.to_hex());
    text_or_null(json, "rootService", trace.root_service);
    text_or_null(json, "rootOperation", masker.masked_text(trace.root_operation));
    json.field("startTime", trace.start_us).field("duration", trace.duration_us);
    json.field("spans", trace.spans).field("errors", trace.errors);
    json.field("orphans", trace.orphans).field("hidden", trace.hidden);
    json.key("services").begin_array();
    for (const business::ServiceSummary& service : trace.services) {
        json.begin_object().field("name", service.name);
        json.field("spans", service.spans).field("errors", service.errors).end_object();
    }
    json.end_array().end_object();
}

}  // namespace meshscope::handlers
