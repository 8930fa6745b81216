#pragma once

#include "core/result.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::demo {

// What a release of Jaeger can and cannot do.
struct Release {
    std::string version = "v2.20.0";  // as the page of the user interface shows it
    int minor = 20;
    bool api_v3 = true;  // false: as if it had never been built in

    // GET /api/traces, /api/services, /api/operations.
    [[nodiscard]] bool old_search() const { return minor <= 20; }
    // An unknown path of the API is an error; before it was the page of the user interface.
    [[nodiscard]] bool strict_paths() const { return minor >= 16; }
    // HTTP v3 knows query.attributes, camelCase names, trace-summaries and a default depth.
    [[nodiscard]] bool full_http_v3() const { return minor >= 19; }
    // gRPC v3 says NOT_FOUND for a trace that is not there, and has a default depth.
    [[nodiscard]] bool strict_grpc_v3() const { return minor >= 21; }
    // Its memory store takes error=true for error=false, and finds nothing by span.kind.
    [[nodiscard]] bool misreads_fields() const { return minor <= 16; }
    // error=false finds every span without an error.
    [[nodiscard]] bool false_is_complement() const { return minor >= 21; }
};

// "v2.20.0", "2.20.0", "2.20", and "next" for the first one without the old HTTP search.
// kInvalidArgument otherwise; only 2.x from 2.13 on.
Result<Release> release_named(std::string_view name);

// The release that runs, which may change under load: every call asks once. Thread-safe.
class RunningRelease {
 public:
    explicit RunningRelease(Release release = {}) : release_(std::move(release)) {}

    [[nodiscard]] Release get() const {
        const std::scoped_lock lock(mutex_);
        return release_;
    }
    void set(Release release);
    // Called with every new one, and now with the present one. Outlived by what it calls.
    void watch(std::function<void(const Release&)> watcher);

 private:
    mutable std::mutex mutex_;
    Release release_;
    std::function<void(const Release&)> watcher_;
};

}  // namespace meshscope::demo
