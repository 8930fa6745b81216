#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "demo/jaeger/credentials.hpp"
#include "demo/jaeger/http_v3_api.hpp"
#include "demo/jaeger/release.hpp"
#include "demo/jaeger/trace_archive.hpp"
#include "demo/net/counters.hpp"
#include "demo/net/http_message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

struct JaegerOptions {
    std::string base_path;  // "" or "/jaeger": begins with a slash and does not end in one
    Credentials credentials;
    std::size_t max_traces = 10'000;  // a search for more is an error of the memory store
};

// The memory store's words for a search for too many traces, or for none.
inline constexpr std::string_view kBadDepth =
    "search depth must be greater than 0 and less than max traces";

// Jaeger's HTTP port: the v1 JSON query API with its habits (errors are JSON sent as text/plain),
// api_v3 below /api/v3, and on every unknown page the user interface with status 200; releases up
// to 2.15 have it on unknown paths of the API, too. Thread-safe.
class JaegerHttpApi {
 public:
    JaegerHttpApi(
        TraceArchive& archive,
        const Clock& clock,
        JaegerOptions options,
        const RunningRelease& release,
        Counters& counters
    )
        : archive_(archive),
          clock_(clock),
          options_(std::move(options)),
          release_(release),
          counters_(counters),
          v3_(archive, options_.max_traces, counters) {}

    HttpReply handle(const HttpRequest& request);

 private:
    HttpReply api(const HttpRequest& request, std::string_view path);
    std::optional<HttpReply> v1(
        const HttpRequest& request, std::string_view path, const Release& release
    );
    HttpReply search(const HttpRequest& request, const Release& release);
    HttpReply by_ids(const std::vector<std::string_view>& ids);
    HttpReply trace(std::string_view id);
    HttpReply services();
    HttpReply operations(std::string_view service, std::string_view kind, bool with_kinds);
    HttpReply page(const HttpRequest& request);

    TraceArchive& archive_;
    const Clock& clock_;
    const JaegerOptions options_;
    const RunningRelease& release_;
    Counters& counters_;
    HttpV3Api v3_;
};

// The conditions of a search request; the error's message is Jaeger's.
Result<SpanQuery> parse_search(const HttpRequest& request, SystemTime now);

}  // namespace meshscope::demo
