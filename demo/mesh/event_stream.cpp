#include "demo/mesh/event_stream.hpp"

#include "demo/mesh/fixed_requests.hpp"
#include "demo/mesh/random.hpp"
#include "demo/mesh/request_maker.hpp"

#include <algorithm>
#include <array>

namespace meshscope::demo {
namespace {

constexpr std::array<std::string_view, 3> kBrowsers = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "curl/7.88.1",
    "Apache-HttpClient/4.5.14 (Java/17.0.9)"
};

}  // namespace

SystemTime Request::end() const {
    std::int64_t last = 0;
    for (const Call& call : calls) {
        last = std::max(last, call.start_us + call.duration_us);
    }
    return start + std::chrono::microseconds(last);
}

EventStream::EventStream(Scenario scenario, std::uint64_t seed, SystemTime start)
    : scenario_(std::move(scenario)),
      seed_(seed),
      start_(start),
      topology_(scenario_.extra_workloads, scenario_.skew_us, scenario_.gateways, scenario_.zoo) {
    topology_.mark(scenario_);
}

std::int64_t EventStream::first_number() const {
    return -(kHistory.count() / scenario_.interval_us);
}

std::int64_t EventStream::last_number(SystemTime time) const {
    const std::int64_t since = (time - start_).count();
    const std::int64_t number = since / scenario_.interval_us;
    return since < 0 && since % scenario_.interval_us != 0 ? number - 1 : number;
}

Request EventStream::blank(std::uint64_t key, SystemTime start) const {
    Request request;
    const std::uint64_t base = mix(seed_, key);
    request.trace = TraceId{mix(base, 1), mix(base, 2)};
    // Some tracers still make ids of 64 bits.
    if (base % 41 == 0) {
        request.trace.high = 0;
    }
    request.request_id = uuid_of(mix(base, 3), mix(base, 4));
    request.user_agent = kBrowsers[mix(base, 5) % kBrowsers.size()];
    request.start = start;
    return request;
}

Request EventStream::request(std::int64_t number) const {
    const auto key = static_cast<std::uint64_t>(number);
    Random random(mix(mix(seed_, 0x5EED), key));
    // A third of the interval of jitter: requests never overtake each other's slots.
    const std::int64_t jitter = random.between(0, scenario_.interval_us / 3);
    const SystemTime at =
        start_ + std::chrono::microseconds(number * scenario_.interval_us + jitter);
    Request request = blank(key, at);

    RequestMaker maker(topology_, scenario_, random);
    const std::uint64_t turn = key + seed_;
    if (scenario_.gateways) {
        const auto gateways = topology_.gateways();
        const WorkloadIndex gateway = gateways[turn % gateways.size()];
        const bool lost = mix(turn, 19) % 8 == 0;
        if (lost) {
            maker.without("details");
        }
        request.calls = maker.enter(
            topology_[gateway].name,
            lost ? "details" : "travels",
            lost ? "/details/0" : "/travels/paris"
        );
        return request;
    }
    if (scenario_.details_every != 0 && turn % scenario_.details_every == 0) {
        maker.without("details");
        request.calls = maker.enter("istio-ingressgateway", "productpage", "/productpage");
        return request;
    }
    const std::uint64_t kind = mix(turn, 17) % 20;
    if (kind < 13) {
        request.calls = maker.enter("istio-ingressgateway", "productpage", "/productpage");
    } else if (kind < 16) {
        request.calls = maker.enter("istio-ingressgateway", "travels", "/travels/paris");
    } else if (kind < 19) {
        request.calls = maker.enter("krakend-gateway", "travels", "/travels/paris");
    } else {
        request.calls = maker.enter("krakend-gateway", "details", "/details/0");
    }
    cut_off(key, request);
    return request;
}

// Connections that are reset under a request: neither proxy has a span for it.
void EventStream::cut_off(std::uint64_t key, Request& request) const {
    for (std::size_t i = 0; i < request.calls.size(); ++i) {
        Call& call = request.calls[i];
        const bool meant = call.arrived && topology_[call.callee].app == scenario_.reset_app;
        if (meant && mix(mix(mix(seed_, 0xC07), key), i) % 1'000 < scenario_.resets) {
            call.status = 503;
            call.client_flags = "UC";
            call.server_flags = "DC";
            call.failure = "upstream connect error or disconnect/reset before headers";
            call.response_bytes = 95;
            call.client_report_lost = call.server_report_lost = true;
        }
    }
}

Request EventStream::ambient_request(std::int64_t number) const {
    constexpr std::uint64_t kAmbient = 0xA3B1;
    constexpr std::uint64_t kUnreachableEvery = 12;
    const std::uint64_t key = mix(kAmbient, static_cast<std::uint64_t>(number));
    Random random(mix(mix(seed_, 0x5EED), key));
    const std::int64_t jitter = random.between(0, scenario_.interval_us / 3);
    const SystemTime at =
        start_ + std::chrono::microseconds(number * scenario_.interval_us + jitter);
    Request request = blank(key, at);
    RequestMaker maker(topology_, scenario_, random);
    if ((static_cast<std::uint64_t>(number) + seed_) % kUnreachableEvery == 0) {
        maker.without("audit");
    }
    request.calls = maker.enter("tellers-v1", "accounts", "/accounts/7");
    return request;
}

std::vector<Request> EventStream::singles() const {
    std::vector<Request> out;
    if (scenario_.big_trace_spans != 0) {
        out.push_back(big_request());
    }
    if (!topology_.extras().empty()) {
        out = crowd_requests();
    }
    if (scenario_.fixture) {
        for (FixedRequest& fixed : fixed_requests(topology_)) {
            Request request =
                blank(mix(0xF1, fixed.letter), start_ - std::chrono::minutes(fixed.minutes_ago));
            request.calls = std::move(fixed.calls);
            out.push_back(std::move(request));
        }
    }
    return out;
}

// A batch job gone wild: travels asks the other services thousands of times within one request.
Request EventStream::big_request() const {
    Random random(mix(seed_, 0xB16));
    Request request = blank(0xB16, start_ - std::chrono::minutes(5));
    const std::array<WorkloadIndex, 5> callees = {
        topology_.named("cars-v1"),
        topology_.named("flights-v1"),
        topology_.named("hotels-v1"),
        topology_.named("insurances-v1"),
        topology_.named("discounts-v1")
    };

    Call entry;
    entry.callee = topology_.named("istio-ingressgateway");
    entry.path = "/travels/batch";
    Call first = entry;
    first.parent = 0;
    first.caller = entry.callee;
    first.callee = topology_.named("travels-v1");
    request.calls = {entry, first};

    // The gateway reports one span for its call, every other call has two.
    const std::size_t wanted = scenario_.big_trace_spans / 2 - 1;
    std::int64_t clock = 500;
    for (std::size_t i = 0; i < wanted; ++i) {
        Call call;
        // Mostly from the top, sometimes one level below the call before it: wide, with deep
        // places.
        call.parent = i != 0 && random.in_thousand(300)
                          ? static_cast<std::uint32_t>(request.calls.size() - 1)
                          : 1;
        call.caller = request.calls[call.parent].callee;
        call.callee = callees[static_cast<std::size_t>(random.between(0, 4))];
        call.path = "/quote/" + std::to_string(i);
        call.start_us = clock;
        call.inbound_us = random.between(20, 90);
        call.served_us = random.between(100, 900);
        call.duration_us = call.inbound_us + call.served_us + random.between(20, 90);
        call.response_bytes = random.between(40, 900);
        clock += random.between(200, 1'200);
        request.calls.push_back(std::move(call));
    }
    for (std::size_t i = 0; i < 2; ++i) {
        request.calls[i].served_us = clock + 2'000;
        request.calls[i].duration_us = clock + 4'000;
        request.calls[i].inbound_us = 100;
    }
    return request;
}

std::vector<Request> EventStream::crowd_requests() const {
    std::vector<Request> out;
    const auto extras = topology_.extras();
    for (std::size_t i = 0; i < extras.size(); ++i) {
        Random random(mix(mix(seed_, 0xC80), i));
        const auto step = static_cast<std::int64_t>(i + 1);
        Request request = blank(
            mix(0xC80, i), start_ - kHistory * step / (static_cast<std::int64_t>(extras.size()) + 1)
        );
        Call entry;
        entry.callee = topology_.named("istio-ingressgateway");
        entry.path = "/" + topology_[extras[i]].app;
        entry.served_us = random.between(1'000, 9'000);
        entry.duration_us = entry.served_us + 900;
        Call call = entry;
        call.parent = 0;
        call.caller = entry.callee;
        call.callee = extras[i];
        call.inbound_us = 200;
        call.duration_us = entry.served_us;
        call.served_us = entry.served_us - 400;
        request.calls = {std::move(entry), std::move(call)};
        out.push_back(std::move(request));
    }
    return out;
}

}  // namespace meshscope::demo
