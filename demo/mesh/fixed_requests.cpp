#include "demo/mesh/fixed_requests.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace meshscope::demo {
namespace {

// Times in microseconds; a call's server side lies in the middle of it.
class Script {
 public:
    explicit Script(const Topology& topology) : topology_(topology) {}

    Call& enter(std::string_view callee, std::string_view path, std::int64_t duration) {
        Call& call = calls_.emplace_back();
        call.callee = topology_.named(callee);
        call.path = path;
        call.duration_us = duration;
        call.served_us = duration;
        return call;
    }

    Call& add(
        std::uint32_t parent,
        std::string_view callee,
        std::string_view path,
        std::int64_t start,
        std::int64_t duration,
        std::int64_t served
    ) {
        const WorkloadIndex caller = calls_[parent].callee;
        Call& call = calls_.emplace_back();
        call.parent = parent;
        call.caller = caller;
        call.callee = topology_.named(callee);
        call.path = path;
        call.start_us = start;
        call.duration_us = duration;
        call.served_us = served;
        call.inbound_us = (duration - served) / 2;
        call.response_bytes = 178;
        return call;
    }

    std::vector<Call> take() { return std::move(calls_); }

 private:
    const Topology& topology_;
    std::vector<Call> calls_;
};

// Gateway, productpage, details, reviews; ratings unless the version of reviews asks nobody.
Script page(const Topology& topology, std::string_view reviews, std::int64_t total) {
    Script script(topology);
    script.enter("istio-ingressgateway", "/productpage", total);
    script.add(0, "productpage-v1", "/productpage", 0, total, total - 600);
    script.add(1, "details-v1", "/details/0", 3'000, 5'000, 4'200);
    script.add(1, reviews, "/reviews/0", 9'000, total - 12'000, total - 12'800);
    return script;
}

std::vector<Call> missing_root(const Topology& topology) {
    Script script(topology);
    script.enter("istio-ingressgateway", "/productpage", 30'000);
    Call& page = script.add(0, "productpage-v1", "/productpage", 0, 30'000, 29'400);
    page.client_report_lost = true;
    page.server_report_lost = true;
    script.add(1, "details-v1", "/details/0", 3'000, 5'000, 4'200);
    script.add(1, "reviews-v1", "/reviews/0", 9'000, 18'000, 17'200);
    return script.take();
}

std::vector<Call> fan_out(const Topology& topology) {
    Script script(topology);
    script.enter("istio-ingressgateway", "/productpage", 95'000);
    script.add(0, "productpage-v1", "/productpage", 0, 95'000, 94'400);
    for (std::int64_t i = 0; i < 59; ++i) {
        script.add(
            1, "details-v1", "/details/" + std::to_string(i), 2'000 + i * 1'500, 3'000, 2'400
        );
    }
    return script.take();
}

std::vector<Call> details_only(const Topology& topology) {
    Script script(topology);
    Call& entry = script.enter("productpage-v1", "/productpage", 8'000);
    entry.server_report_lost = true;
    script.add(0, "details-v1", "/details/0", 500, 6'400, 5'960);
    return script.take();
}

}  // namespace

std::vector<FixedRequest> fixed_requests(const Topology& topology) {
    std::vector<FixedRequest> out;

    Script a = page(topology, "reviews-v2", 42'000);
    a.add(3, "ratings-v1", "/ratings/0", 14'000, 6'000, 5'200);
    out.push_back({'A', 2, a.take()});

    out.push_back({'B', 3, page(topology, "reviews-v1", 24'000).take()});

    Script c = page(topology, "reviews-v3", 2'400'000);
    Call& delayed = c.add(3, "ratings-v1", "/ratings/0", 14'000, 2'360'000, 5'200);
    delayed.client_flags = "DI";
    delayed.inbound_us = 2'354'000;
    out.push_back({'C', 4, c.take()});

    Script d = page(topology, "reviews-v2", 38'000);
    Call& failed = d.add(3, "ratings-v1", "/ratings/0", 14'000, 6'000, 5'200);
    failed.status = 503;
    failed.server_flags = "UF";
    failed.failure = "upstream connect error or disconnect/reset before headers";
    out.push_back({'D', 5, d.take()});

    out.push_back({'E', 6, missing_root(topology)});
    out.push_back({'F', 7, fan_out(topology)});
    out.push_back({'G', 1, details_only(topology)});
    return out;
}

}  // namespace meshscope::demo
