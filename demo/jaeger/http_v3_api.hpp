#pragma once

#include "demo/jaeger/release.hpp"
#include "demo/jaeger/trace_archive.hpp"
#include "demo/net/counters.hpp"
#include "demo/net/http_message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::demo {

// api_v3 over HTTP, as Jaeger's gateway has it: GET only, OTLP JSON with all traces in one list and
// in no order, errors as JSON sent as text/plain, 404 when a search finds nothing. Releases up to
// 2.18 know fewer parameters and drop the others in silence. Thread-safe.
class HttpV3Api {
 public:
    // What is given must outlive this.
    HttpV3Api(TraceArchive& archive, std::size_t max_traces, Counters& counters)
        : archive_(archive), max_traces_(max_traces), counters_(counters) {}

    // `path`: what follows /api/v3/. nullopt when nothing is there.
    std::optional<HttpReply> handle(
        const HttpRequest& request, std::string_view path, const Release& release
    );

 private:
    HttpReply search(const HttpRequest& request, const Release& release);
    HttpReply summaries(const HttpRequest& request, const Release& release);
    HttpReply trace(std::string_view id, const Release& release);
    HttpReply services(const Release& release);
    HttpReply operations(const HttpRequest& request, const Release& release);
    Result<std::vector<TraceRecordPtr>> found(const HttpRequest& request, const Release& release);

    TraceArchive& archive_;
    const std::size_t max_traces_;
    Counters& counters_;
};

struct SearchV3 {
    SpanQuery query;
    std::int64_t depth = 0;
};

// The parameters query.* as that release reads them. kInvalidArgument with Jaeger's words.
Result<SearchV3> parse_search_v3(const HttpRequest& request, const Release& release);

}  // namespace meshscope::demo
