#include "clients/kubernetes/next_step.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace meshscope;
using namespace meshscope::clients::kubernetes;
using namespace std::chrono_literals;

namespace {

ApiFault fault(unsigned http, std::string reason = "", bool is_status = true) {
    ApiFault made;
    made.http = http;
    made.reason = std::move(reason);
    made.is_status = is_status;
    return made;
}

Outcome refused(bool listing, ApiFault why) {
    Outcome outcome;
    outcome.listing = listing;
    outcome.fault = std::move(why);
    return outcome;
}

Outcome watched(std::chrono::milliseconds lasted, std::uint64_t events) {
    Outcome outcome;
    outcome.lasted = lasted;
    outcome.events = events;
    return outcome;
}

Outcome with_error_event(unsigned code) {
    Outcome outcome = watched(10s, 1);
    outcome.error_event = code;
    outcome.bare_error_event = code == 0;
    return outcome;
}

}  // namespace

TEST_CASE("what is done next, row by row") {
    using enum NextStep;
    ApiFault behind = fault(504, "Timeout");
    behind.too_large_version = true;
    ApiFault page = fault(404, "", false);
    page.is_page = true;
    Outcome stalled = watched(1ms, 0);
    stalled.stalled = true;
    Outcome broken = watched(10s, 5);
    broken.broken = true;
    Outcome unreached;
    unreached.error = Error(ErrorKind::kUpstreamUnavailable, "refused");
    Outcome list_unreached = unreached;
    list_unreached.listing = true;
    struct Row {
        std::string name;
        Outcome outcome;
        NextStep first;
        NextStep repeated;
    };
    const Row rows[] = {
        {"ended after half an hour", watched(30min, 0), kResume, kResume},
        {"ended soon, after events", watched(10ms, 1), kResume, kResume},
        {"ended at once without events", watched(10ms, 0), kResumeLater, kResumeLater},
        {"silent", stalled, kResume, kResume},
        {"not JSON or too large", broken, kListLater, kListLater},
        {"ERROR 410", with_error_event(410), kList, kList},
        {"ERROR 500", with_error_event(500), kResumeLater, kListLater},
        {"ERROR without a Status", with_error_event(0), kResumeLater, kListLater},
        {"watch not reached", unreached, kWaitForGate, kWaitForGate},
        {"list not reached", list_unreached, kWaitForGate, kWaitForGate},
        {"watch 410", refused(false, fault(410, "Expired")), kList, kList},
        {"watch Expired with another code", refused(false, fault(500, "Expired")), kList, kList},
        {"list 410", refused(true, fault(410, "Expired")), kListLater, kListLater},
        {"watch too large version", refused(false, behind), kListLater, kListLater},
        {"list too large version", refused(true, behind), kListLater, kListLater},
        {"watch 403", refused(false, fault(403)), kPoll, kPoll},
        {"list 403", refused(true, fault(403)), kForbidden, kForbidden},
        {"watch 404", refused(false, fault(404)), kAbsent, kAbsent},
        {"list 404 as text", refused(true, fault(404, "", false)), kAbsent, kAbsent},
        {"list 404 as a page", refused(true, page), kListLater, kListLater},
        {"watch 405", refused(false, fault(405)), kPoll, kPoll},
        {"list 405", refused(true, fault(405)), kAbsent, kAbsent},
        {"watch 400", refused(false, fault(400)), kListLater, kListLater},
        {"watch 401", refused(false, fault(401)), kResumeLater, kResumeLater},
        {"list 401", refused(true, fault(401)), kListLater, kListLater},
        {"watch 429", refused(false, fault(429, "", false)), kResumeLater, kResumeLater},
        {"list 429", refused(true, fault(429, "", false)), kListLater, kListLater},
        {"watch 500, etcd", refused(false, fault(500)), kResumeLater, kResumeLater},
        {"list 503", refused(true, fault(503, "", false)), kListLater, kListLater},
    };
    const Patience patience;
    for (const Row& row : rows) {
        INFO(row.name);
        CHECK(next_step(row.outcome, 0, patience) == row.first);
        CHECK(next_step(row.outcome, 1, patience) == row.repeated);
    }
}

TEST_CASE("pauses double up to their most, heed the server and do not hammer with a refused token"
) {
    const Patience patience;
    const Outcome plain = refused(true, fault(500));
    CHECK(pause_after(plain, 1, patience, 0) == 800ms);
    CHECK(pause_after(plain, 2, patience, 0) == 1600ms);
    CHECK(pause_after(plain, 2, patience, 1) == 2000ms);
    CHECK(pause_after(plain, 7, patience, 0) == 30s);
    CHECK(pause_after(plain, 1'000'000, patience, 0) == 30s);
    Outcome asked = plain;
    asked.fault->retry_after = 7s;
    CHECK(pause_after(asked, 1, patience, 0) == 7s);
    CHECK(pause_after(asked, 7, patience, 0) == 30s);
    CHECK(pause_after(refused(true, fault(401)), 1, patience, 0) == 10s);
    CHECK(pause_after(watched(1ms, 0), 1, patience, 0) == 800ms);
}
