#include "demo/mesh/event_stream.hpp"

#include "demo/mesh/gaps.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace meshscope;
using namespace meshscope::demo;

namespace {

const SystemTime kStart = from_micros(1'763'683'200'000'000);

EventStream stream(std::string_view scenario, std::uint64_t seed = 1) {
    return {*scenario_named(scenario), seed, kStart};
}

std::vector<Request> history(const EventStream& events) {
    std::vector<Request> out;
    for (auto n = events.first_number(); n <= events.last_number(events.start()); ++n) {
        out.push_back(events.request(n));
    }
    return out;
}

template <class Predicate>
std::ptrdiff_t count_calls(const std::vector<Request>& requests, Predicate predicate) {
    std::ptrdiff_t count = 0;
    for (const Request& request : requests) {
        count += std::count_if(request.calls.begin(), request.calls.end(), predicate);
    }
    return count;
}

bool to_app(const EventStream& events, const Call& call, std::string_view app) {
    return events.topology()[call.callee].app == app;
}

}  // namespace

TEST_CASE("a request is the same whenever it is asked for and another with another seed") {
    const EventStream one = stream("normal", 7);
    const EventStream same = stream("normal", 7);
    const EventStream other = stream("normal", 8);
    for (const std::int64_t number : {-900, -1, 0, 12'345}) {
        const Request a = one.request(number);
        const Request b = same.request(number);
        CHECK(a.trace == b.trace);
        CHECK(a.start == b.start);
        CHECK(a.request_id == b.request_id);
        REQUIRE(a.calls.size() == b.calls.size());
        for (std::size_t i = 0; i < a.calls.size(); ++i) {
            CHECK(a.calls[i].duration_us == b.calls[i].duration_us);
            CHECK(a.calls[i].callee == b.calls[i].callee);
        }
        CHECK(a.trace != other.request(number).trace);
    }
}

TEST_CASE("the last hour is full of requests, in order") {
    const EventStream events = stream("normal");
    const std::vector<Request> requests = history(events);
    CHECK(requests.size() == 901);
    CHECK(requests.front().start >= kStart - std::chrono::hours(1));
    for (std::size_t i = 1; i < requests.size(); ++i) {
        CHECK(requests[i - 1].start < requests[i].start);
    }
    std::set<std::string> ids;
    for (const Request& request : requests) {
        ids.insert(request.request_id);
        CHECK(request.request_id.size() == 36);
    }
    CHECK(ids.size() == requests.size());
}

TEST_CASE("request numbers follow the clock on both sides of the start") {
    const EventStream events = stream("normal");
    CHECK(events.last_number(kStart) == 0);
    CHECK(events.last_number(kStart + std::chrono::seconds(3)) == 0);
    CHECK(events.last_number(kStart + std::chrono::seconds(4)) == 1);
    CHECK(events.last_number(kStart - std::chrono::seconds(1)) == -1);
    CHECK(events.last_number(kStart - std::chrono::seconds(4)) == -1);
}

TEST_CASE("a callee works inside its caller's wait, and what it asks inside its own work") {
    const EventStream events = stream("normal");
    for (const Request& request : history(events)) {
        for (std::size_t i = 0; i < request.calls.size(); ++i) {
            const Call& call = request.calls[i];
            if (!call.arrived) {
                continue;
            }
            REQUIRE(call.inbound_us + call.served_us <= call.duration_us);
            if (call.parent == kNoCall) {
                CHECK(i == 0);
                continue;
            }
            REQUIRE(call.parent < i);
            const Call& parent = request.calls[call.parent];
            CHECK(call.caller == parent.callee);
            REQUIRE(call.start_us >= parent.start_us + parent.inbound_us);
            REQUIRE(
                call.start_us + call.duration_us <=
                parent.start_us + parent.inbound_us + parent.served_us
            );
        }
    }
}

TEST_CASE("scenarios change what they say") {
    const EventStream normal = stream("normal");
    const auto slow = [&](const Call& call) {
        return to_app(normal, call, "ratings") && call.served_us > 1'000'000;
    };
    const auto failed = [&](const Call& call) {
        return to_app(normal, call, "ratings") && call.status == 503;
    };
    const auto requests = history(normal);
    CHECK(count_calls(requests, slow) > 0);
    CHECK(count_calls(requests, failed) > 0);
    CHECK(count_calls(history(stream("slow-ratings")), slow) > 10 * count_calls(requests, slow));
    CHECK(
        count_calls(history(stream("ratings-errors")), failed) > 5 * count_calls(requests, failed)
    );
    const auto fixture = history(stream("fixture"));
    CHECK(fixture.size() == 601);
    CHECK(count_calls(fixture, [](const Call& call) { return call.status != 200; }) == 0);
    CHECK_FALSE(scenario_named("sunny").has_value());
}

TEST_CASE("every ten minutes of the normal mesh have a productpage that could not reach details") {
    const EventStream events = stream("normal");
    for (std::int64_t first = events.first_number(); first < -150; first += 150) {
        std::ptrdiff_t unreachable = 0;
        for (std::int64_t n = first; n < first + 150; ++n) {
            const Request request = events.request(n);
            unreachable += std::count_if(
                request.calls.begin(), request.calls.end(), [](const Call& c) { return !c.arrived; }
            );
        }
        CHECK(unreachable >= 6);
    }
}

TEST_CASE("a page calls details, then reviews; only versions 2 and 3 ask ratings") {
    const EventStream events = stream("normal");
    const Topology& mesh = events.topology();
    std::set<std::string> versions;
    for (const Request& request : history(events)) {
        for (const Call& call : request.calls) {
            if (call.caller == kOutside || !to_app(events, call, "ratings")) {
                continue;
            }
            versions.insert(mesh[call.caller].name);
        }
    }
    CHECK(versions == std::set<std::string>{"reviews-v2", "reviews-v3"});
}

TEST_CASE("the crowd has one request for each of its thousand workloads") {
    const EventStream events = stream("many-workloads");
    const auto singles = events.singles();
    CHECK(singles.size() == 1'000);
    std::set<WorkloadIndex> callees;
    for (const Request& request : singles) {
        callees.insert(request.calls.back().callee);
        CHECK(request.start > kStart - std::chrono::hours(1));
        CHECK(request.start < kStart);
    }
    CHECK(callees.size() == 1'000);
}

TEST_CASE("gaps: every call is in one trace, whoever does not forward begins another") {
    const EventStream events = stream("gaps");
    GapRules rules;
    rules.unforwarded = {"reviews"};
    for (const Request& request : history(events)) {
        const auto parts = traces_of(request, events.topology(), rules);
        std::size_t calls = 0;
        std::set<TraceId> ids;
        for (const Request& part : parts) {
            calls += part.calls.size();
            ids.insert(part.trace);
            CHECK(part.sampled);
            CHECK(part.calls.front().parent == kNoCall);
            for (std::size_t i = 1; i < part.calls.size(); ++i) {
                REQUIRE(part.calls[i].parent < i);
                CHECK(part.calls[part.calls[i].parent].callee == part.calls[i].caller);
            }
        }
        CHECK(calls == request.calls.size());
        CHECK(parts.front().trace == request.trace);
        CHECK(ids.size() == parts.size());
        const auto by_reviews = std::ranges::count_if(request.calls, [&](const Call& call) {
            return call.caller != kOutside && events.topology()[call.caller].app == "reviews";
        });
        CHECK(parts.size() == 1 + static_cast<std::size_t>(by_reviews));
    }
}

TEST_CASE("gaps: traces are sampled and spans lost as often as the rules say") {
    const EventStream events = stream("gaps");
    GapRules rules;
    rules.sampled = 1'000;
    rules.drops = {{"productpage-v1", 50}, {"reviews-v1", 100}};
    std::size_t sampled = 0;
    double lost = 0;
    double all = 0;
    const auto requests = history(events);
    for (const Request& request : requests) {
        const Request part = traces_of(request, events.topology(), rules).front();
        sampled += part.sampled ? 1 : 0;
        for (const Call& call : part.calls) {
            const std::string& name = events.topology()[call.callee].name;
            if (name == "productpage-v1") {
                lost += call.server_report_lost ? 1 : 0;
                ++all;
            }
            CHECK((name != "reviews-v1" || call.server_report_lost));
            CHECK((name != "ratings-v1" || !call.server_report_lost));
        }
    }
    CHECK(requests.size() >= 3'600);
    CHECK(sampled > 300);
    CHECK(sampled < 420);
    CHECK(lost / all == Approx(0.5).margin(0.04));
}

TEST_CASE("gaps: some requests to details are cut off and leave no span") {
    const EventStream events = stream("gaps");
    const auto requests = history(events);
    const auto cut = [](const Call& call) { return call.client_flags == "UC"; };
    const auto all =
        count_calls(requests, [&](const Call& call) { return to_app(events, call, "details"); });
    const auto some = count_calls(requests, [&](const Call& call) {
        return cut(call) && to_app(events, call, "details") && call.status == 503 &&
               call.server_flags == "DC" && call.client_report_lost && call.server_report_lost;
    });
    CHECK(some == count_calls(requests, cut));
    CHECK(static_cast<double>(some) / static_cast<double>(all) == Approx(0.08).margin(0.02));
}
