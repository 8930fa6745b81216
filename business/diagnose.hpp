#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/diagnose_plan.hpp"
#include "business/explain_facts.hpp"
#include "clients/cluster.hpp"
#include "clients/store_finder.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

struct DiagnosisLine {
    std::string test;    // "gRPC at http://tracing.istio-system:16685"
    std::string result;  // one sentence
    SystemTime time;
};

// Settings that work.
struct ValidSettings {
    std::string url;
    bool use_grpc = false;
    bool namespace_selector = true;
    std::string auth_type;  // "" none was sent
    std::string protocol;   // "grpc api_v3", ...
    std::uint64_t services = 0;
    std::string warning;  // "" none
    std::string yaml;     // to paste
};

struct Diagnosis {
    std::vector<DiagnosisLine> lines;  // in the order of the plan
    std::vector<ValidSettings> valid;  // likewise, the configured ones first
    bool out_of_time = false;          // not everything was tried
};

// Settings as somebody would write them. The word for a masked secret stands for the stored one.
struct CheckedSettings {
    clients::StoreTarget target;  // `with` is kGiven, or kConfigured: the stored secrets are meant
};

struct CheckResult {
    std::optional<ValidSettings> works;
    std::optional<Error> error;  // why they do not
};

// Finds and tries settings of the trace store. For callers with mesh-wide rights only: kForbidden
// for all others. At most kMostPlaces places, eight at a time, within ten seconds. Usable from
// every thread.
class Diagnose {
 public:
    struct Parts {
        clients::StoreFinder* finder = nullptr;  // null: tracing is off, nothing is tried
        clients::Cluster* cluster = nullptr;     // null: no services are looked at
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        StoreSetup setup;
    };
    explicit Diagnose(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] bool disabled() const { return parts_.finder == nullptr; }

    // kUnavailable when there is no place to try, or tracing is off.
    Awaitable<Result<Diagnosis>> run(RequestContext context) const;
    // kForbidden also for an address that must not be called and for stored secrets at another
    // scheme, host or port than the configured one; kInvalidArgument for settings that cannot be
    // tried.
    Awaitable<Result<CheckResult>> check(RequestContext context, CheckedSettings settings) const;

 private:
    [[nodiscard]] std::optional<Error> refuse(const Caller& caller) const;
    [[nodiscard]] ValidSettings valid(
        const clients::StoreTarget& target, const clients::StoreFinding& found
    ) const;
    Awaitable<> try_place(
        RequestContext context,
        const PlannedPlace& place,
        std::vector<DiagnosisLine>& lines,
        std::vector<ValidSettings>& works
    ) const;

    Parts parts_;
};

}  // namespace meshscope::business
