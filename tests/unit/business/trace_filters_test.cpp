#include "business/trace_filters.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;

TEST_CASE("whether a span speaks of service cart in namespace shop", "[trace_filters]") {
    struct Row {
        const char* name;
        std::string operation;
        test::Tags tags;
        bool expected;
    };
    const Row rows[] = {
        {"full host with port", "cart.shop.svc.cluster.local:8080/*", {}, true},
        {"short host", "cart.shop", {}, true},
        {"short host with port", "cart.shop:8080/*", {}, true},
        {"short host with path", "cart.shop/items", {}, true},
        {"longer namespace", "cart.shopping.svc.cluster.local:8080/*", {}, false},
        {"longer name", "cart-db.shop.svc.cluster.local", {}, false},
        {"name inside", "my-cart.shop.svc.cluster.local", {}, false},
        {"source pair",
         "op",
         {{"istio.source_canonical_service", "cart"}, {"istio.source_namespace", "shop"}},
         true},
        {"destination pair",
         "op",
         {{"istio.destination_canonical_service", "cart"}, {"istio.destination_namespace", "shop"}},
         true},
        {"halves of two pairs",
         "op",
         {{"istio.destination_canonical_service", "cart"}, {"istio.source_namespace", "shop"}},
         false},
        {"not a text",
         "op",
         {{"istio.source_canonical_service", true}, {"istio.source_namespace", "shop"}},
         false},
        {"the first text that is not empty counts",
         "op",
         {{"istio.source_canonical_service", ""},
          {"istio.source_canonical_service", "cart"},
          {"istio.source_namespace", "shop"}},
         true},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        SpanRow span;
        span.operation = row.operation;
        span.tags = row.tags;
        const auto trace = make_trace({0, 1}, {span});
        CHECK(names_service(trace->spans[0], "shop", "cart") == row.expected);
    }
}
