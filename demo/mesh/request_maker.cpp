#include "demo/mesh/request_maker.hpp"

#include <array>
#include <span>

namespace meshscope::demo {
namespace {

struct Downstream {
    std::string_view app;
    std::string_view path;
};

struct Behaviour {
    std::string_view app;
    std::int64_t own_min_us;
    std::int64_t own_max_us;
    std::span<const Downstream> calls;
    bool passes_failures_on;
};

constexpr std::array kProductpage = {
    Downstream{"details", "/details/0"}, Downstream{"reviews", "/reviews/0"}
};
constexpr std::array kReviews = {Downstream{"ratings", "/ratings/0"}};
constexpr std::array kTravels = {
    Downstream{"cars", "/cars/paris"},
    Downstream{"flights", "/flights/paris"},
    Downstream{"hotels", "/hotels/paris"},
    Downstream{"insurances", "/insurances/paris"}
};
constexpr std::array kAudit = {Downstream{"audit", "/records"}};
constexpr std::array kDiscounts = {Downstream{"discounts", "/discounts/registered"}};

constexpr std::array kBehaviours = {
    Behaviour{"productpage", 4'000, 9'000, kProductpage, false},
    Behaviour{"details", 1'500, 6'000, {}, false},
    Behaviour{"reviews", 4'000, 12'000, kReviews, false},
    Behaviour{"ratings", 800, 3'500, {}, false},
    Behaviour{"travels", 5'000, 12'000, kTravels, true},
    Behaviour{"cars", 2'000, 7'000, kDiscounts, true},
    Behaviour{"flights", 3'000, 9'000, kDiscounts, true},
    Behaviour{"hotels", 2'500, 8'000, kDiscounts, true},
    Behaviour{"insurances", 1'500, 5'000, kDiscounts, true},
    Behaviour{"discounts", 900, 4'000, {}, false},
    Behaviour{"accounts", 1'000, 5'000, kAudit, true},
    Behaviour{"audit", 500, 2'000, {}, false},
};
constexpr Behaviour kPlain{"", 300, 1'200, {}, false};

const Behaviour& behaviour_of(std::string_view app) {
    for (const Behaviour& behaviour : kBehaviours) {
        if (behaviour.app == app) {
            return behaviour;
        }
    }
    return kPlain;
}

}  // namespace

std::vector<Call> RequestMaker::enter(
    std::string_view gateway, std::string_view app, std::string_view path
) {
    calls_.clear();
    Call& entry = calls_.emplace_back();
    entry.callee = topology_.named(gateway);
    entry.path = path;
    entry.inbound_us = random_.between(2'000, 15'000);
    entry.request_bytes = 0;
    const std::int64_t before = random_.between(80, 400);
    const Outcome outcome = call(0, pick(app), path, entry.inbound_us + before);
    Call& done = calls_.front();
    done.served_us = before + outcome.duration_us + random_.between(50, 200);
    done.duration_us = done.inbound_us + done.served_us + random_.between(2'000, 15'000);
    // An API gateway has one word for all failures behind it.
    const bool own_word = topology_[done.callee].proxy == Proxy::kNone && calls_[1].status >= 500;
    done.status = own_word ? 500 : calls_[1].status;
    done.failure = calls_[1].failure;
    done.response_bytes = calls_[1].response_bytes;
    return std::move(calls_);
}

RequestMaker::Outcome RequestMaker::call(
    std::uint32_t parent, WorkloadIndex callee, std::string_view path, std::int64_t start_us
) {
    const auto index = static_cast<std::uint32_t>(calls_.size());
    const WorkloadIndex caller = calls_[parent].callee;
    Call& made = calls_.emplace_back();
    made.parent = parent;
    made.caller = caller;
    made.callee = callee;
    made.path = path;
    made.start_us = start_us;
    if (topology_[callee].app == down_) {
        return unreachable(index);
    }
    made.inbound_us = random_.between(150, 700);
    serve(index);
    Call& done = calls_[index];
    done.duration_us = done.inbound_us + done.served_us + random_.between(150, 700);
    return {done.duration_us, done.status >= 500};
}

RequestMaker::Outcome RequestMaker::unreachable(std::uint32_t index) {
    Call& call = calls_[index];
    call.arrived = false;
    call.status = 503;
    call.client_flags = "UH";
    call.failure = "no healthy upstream";
    call.response_bytes = 19;
    call.duration_us = random_.between(150, 900);
    return {call.duration_us, true};
}

void RequestMaker::serve(std::uint32_t index) {
    const Workload& workload = topology_[calls_[index].callee];
    const Behaviour& behaviour = behaviour_of(workload.app);
    const std::int64_t own = own_time(workload.app);
    std::int64_t elapsed = own / 2;
    bool failed = false;
    // The first version of reviews shows no stars: it asks nobody.
    if (workload.name != "reviews-v1") {
        for (const Downstream& next : behaviour.calls) {
            const std::int64_t start = calls_[index].start_us + calls_[index].inbound_us + elapsed;
            const Outcome outcome = call(index, pick(next.app), next.path, start);
            elapsed += outcome.duration_us + random_.between(50, 300);
            failed = failed || outcome.failed;
        }
    }
    Call& call = calls_[index];
    call.served_us = elapsed + own - own / 2;
    call.response_bytes = random_.between(40, 5'000);
    if (failed && behaviour.passes_failures_on) {
        call.status = 500;
        call.failure = "a call to another service failed";
    }
    fail_sometimes(call, workload.app);
}

void RequestMaker::fail_sometimes(Call& call, std::string_view app) {
    if (app == "ratings" && random_.in_thousand(scenario_.ratings_fail)) {
        call.status = 503;
        call.server_flags = "UF";
        call.failure = "upstream connect error or disconnect/reset before headers";
        call.response_bytes = 91;
    } else if (app == "discounts" && random_.in_thousand(scenario_.travel_fail)) {
        call.status = 500;
        call.failure = "no discount for this user";
        call.response_bytes = 26;
    }
}

WorkloadIndex RequestMaker::pick(std::string_view app) {
    if (app == "reviews") {
        constexpr std::array<std::string_view, 3> kVersions = {
            "reviews-v1", "reviews-v2", "reviews-v3"
        };
        return topology_.named(kVersions[static_cast<std::size_t>(random_.between(0, 2))]);
    }
    return topology_.named(std::string(app) + "-v1");
}

std::int64_t RequestMaker::own_time(std::string_view app) {
    const Behaviour& behaviour = behaviour_of(app);
    if (app == "ratings" && random_.in_thousand(scenario_.ratings_slow)) {
        return random_.between(1'800'000, 2'600'000);
    }
    // The smaller of two draws: most calls are fast, some are not.
    const std::int64_t a = random_.between(behaviour.own_min_us, behaviour.own_max_us);
    const std::int64_t b = random_.between(behaviour.own_min_us, behaviour.own_max_us);
    return a < b ? a : b;
}

}  // namespace meshscope::demo
