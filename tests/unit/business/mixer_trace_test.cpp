#include "business/span_facts.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

using namespace meshscope;
using namespace meshscope::business;

namespace {

models::TracePtr mixer_trace() {
    std::ifstream file(MESHSCOPE_SOURCE_DIR "/tests/data/jaeger/bookinfo_mixer_trace.json");
    const std::string body(
        (std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()
    );
    const auto batch = clients::jaeger::decode_traces(body, std::nullopt);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    return batch->traces[0];
}

}  // namespace

// A Bookinfo trace of the time of Mixer: spans of istio-policy beside those of the sidecars.
TEST_CASE("facts of a recorded Bookinfo trace", "[facts]") {
    const models::TracePtr trace = mixer_trace();
    const TraceFacts facts = trace_facts(*trace, Masker());
    struct Row {
        std::string_view workload;
        std::string_view ns;
        std::string_view peer;
        Direction direction;
        std::uint32_t depth;
    };
    const std::map<std::pair<std::string_view, std::int64_t>, Row> rows{
        {{"istio-ingressgateway", 41'870},
         {"istio-ingressgateway",
          "istio-system",
          "productpage.default.svc.cluster.local",
          Direction::kOutbound,
          0}},
        {{"productpage", 40'710},
         {"productpage-v1", "default", "istio-ingressgateway", Direction::kInbound, 1}},
        {{"productpage", 24'130},
         {"productpage-v1", "default", "reviews.default.svc.cluster.local", Direction::kOutbound, 2}
        },
        {{"reviews", 22'990}, {"reviews-v3", "default", "productpage-v1", Direction::kInbound, 3}},
        {{"ratings", 6'310}, {"ratings-v1", "default", "reviews-v3", Direction::kInbound, 5}},
        {{"istio-policy", 1'620}, {"", "", "", Direction::kInbound, 4}},
    };
    std::size_t seen = 0;
    for (std::size_t i = 0; i < trace->spans.size(); ++i) {
        const models::Span& span = trace->spans[i];
        const auto row =
            rows.find({trace->processes[span.process].service, span.duration_ns / 1000});
        if (row == rows.end()) {
            continue;
        }
        ++seen;
        CAPTURE(row->first.first, row->first.second);
        CHECK(facts.spans[i].source == SpanSource::kEnvoy);
        CHECK(facts.spans[i].identity.workload == row->second.workload);
        CHECK(facts.spans[i].identity.ns == row->second.ns);
        CHECK(facts.spans[i].peer.value == row->second.peer);
        CHECK(facts.spans[i].direction == row->second.direction);
        CHECK(facts.spans[i].depth == row->second.depth);
        CHECK_FALSE(facts.spans[i].error.is_error);
    }
    CHECK(seen == rows.size());
}

TEST_CASE("the call of reviews took 1.14 ms longer than its answer", "[facts]") {
    const models::TracePtr trace = mixer_trace();
    const TraceFacts facts = trace_facts(*trace, Masker());
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < trace->spans.size(); ++i) {
        if (facts.spans[i].pair.gap_ns == 1'140'000) {
            ++pairs;
            CHECK(facts.spans[facts.spans[i].pair.other].pair.other == i);
        }
    }
    CHECK(pairs == 2);
}
