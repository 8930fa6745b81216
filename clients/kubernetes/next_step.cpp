#include "clients/kubernetes/next_step.hpp"

#include <algorithm>
#include <cmath>

namespace meshscope::clients::kubernetes {

namespace {

bool is_expired(const ApiFault& fault) {
    return fault.http == 410 || fault.reason == "Expired" || fault.reason == "Gone";
}

NextStep after_fault(const ApiFault& fault, bool listing) {
    if (is_expired(fault)) {
        return listing ? NextStep::kListLater : NextStep::kList;
    }
    if (fault.is_page) {
        return listing ? NextStep::kListLater : NextStep::kResumeLater;
    }
    switch (fault.http) {
        case 403:
            return listing ? NextStep::kForbidden : NextStep::kPoll;
        case 404:
            return NextStep::kAbsent;
        case 405:
            return listing ? NextStep::kAbsent : NextStep::kPoll;
        case 400:
        case 422:
            return NextStep::kListLater;  // also a version that another server never gave out
        default:
            break;
    }
    return listing || fault.too_large_version ? NextStep::kListLater : NextStep::kResumeLater;
}

}  // namespace

NextStep next_step(const Outcome& outcome, int failures, const Patience& patience) {
    if (outcome.error) {
        return NextStep::kWaitForGate;
    }
    if (outcome.fault) {
        return after_fault(*outcome.fault, outcome.listing);
    }
    if (outcome.listing || outcome.broken) {
        return NextStep::kListLater;
    }
    if (outcome.error_event == 410) {
        return NextStep::kList;
    }
    if (outcome.error_event != 0 || outcome.bare_error_event) {
        return failures > 0 ? NextStep::kListLater : NextStep::kResumeLater;
    }
    // A server that ends watches at once would be asked without end.
    const bool brief = outcome.events == 0 && outcome.lasted < patience.short_watch;
    return brief && !outcome.stalled ? NextStep::kResumeLater : NextStep::kResume;
}

std::chrono::milliseconds pause_after(
    const Outcome& outcome, int failures, const Patience& patience, double jitter
) {
    using Millis = std::chrono::milliseconds;
    const int doublings = std::clamp(failures - 1, 0, 30);
    const double first = static_cast<double>(patience.retry_first.count());
    const double most = static_cast<double>(patience.retry_most.count());
    double pause = std::min(first * std::exp2(doublings), most);
    if (outcome.fault) {
        if (outcome.fault->http == 401) {
            pause = std::max(pause, static_cast<double>(patience.retry_refused.count()));
        }
        const Millis asked = outcome.fault->retry_after.value_or(std::chrono::seconds(0));
        pause = std::max(pause, static_cast<double>(asked.count()));
    }
    return Millis(static_cast<std::int64_t>(pause * (1 + std::clamp(jitter, 0.0, 1.0) / 4)));
}

}  // namespace meshscope::clients::kubernetes
