#include "models/owner_keys.hpp"
#include "models/trace_builder.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace meshscope;
using namespace meshscope::models;

namespace {

TracePtr trace_with(std::shared_ptr<Storage> storage, std::size_t spans) {
    TraceBuilder builder({0, 1}, std::move(storage));
    builder.add_process({"a.b", {}});
    for (std::size_t i = 0; i < spans; ++i) {
        Span span;
        span.id = SpanId{i + 1};
        builder.add_span(span);
    }
    return builder.finish();
}

}  // namespace

TEST_CASE("the memory of a trace counts all that it keeps alive", "[trace]") {
    constexpr std::size_t kBig = 1'000'000;
    const std::size_t empty = trace_with(std::make_shared<Storage>(), 1)->memory_bytes();
    CHECK(empty < 10'000);

    auto adopted = std::make_shared<Storage>();
    adopted->adopt(std::string(kBig, 'x'));
    CHECK(trace_with(adopted, 1)->memory_bytes() >= empty + kBig);

    auto copied = std::make_shared<Storage>();
    copied->copy(std::string(kBig, 'x'));
    CHECK(trace_with(copied, 1)->memory_bytes() >= empty + kBig);

    auto interned = std::make_shared<Storage>();
    for (int i = 0; i < 10'000; ++i) {
        interned->intern(std::to_string(i));
    }
    CHECK(trace_with(interned, 1)->memory_bytes() >= empty + 38'000);

    const std::size_t many = trace_with(std::make_shared<Storage>(), 10'000)->memory_bytes();
    CHECK(many >= 10'000 * sizeof(Span));
    CHECK(many < 40'000 * sizeof(Span));
}

TEST_CASE("what is worked out from a trace is made once for each type", "[trace]") {
    const TracePtr trace = trace_with(std::make_shared<Storage>(), 3);
    int made = 0;
    const auto count = [&] {
        ++made;
        return trace->spans.size();
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { trace->memo.get<std::size_t>(count); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(made == 1);
    CHECK(*trace->memo.get<std::size_t>(count) == 3);
    CHECK(*trace->memo.get<std::string>([] { return std::string("other"); }) == "other");

    const Trace copy = *trace;
    copy.memo.get<std::size_t>(count);
    CHECK(made == 2);
}

TEST_CASE("keys that tell an owner are known, and nothing that only looks like them") {
    std::uint8_t number = 0;
    for (const std::string_view key : owner_keys()) {
        ++number;
        CHECK(static_cast<std::uint8_t>(owner_key_of(key)) == number);
        CHECK(owner_key_of(std::string(key) + "s") == OwnerKey::kNone);
        CHECK(owner_key_of(key.substr(1)) == OwnerKey::kNone);
        std::string other(key);
        other.back() = '_';
        CHECK(owner_key_of(other) == OwnerKey::kNone);
        const bool side = key.starts_with("istio.source_") || key.starts_with("istio.destination_");
        CHECK(is_side(owner_key_of(key)) == side);
        CHECK(Tag::string(key, "x").owner_key() == owner_key_of(key));
        CHECK(Tag::integer(key, 1).owner_key() == owner_key_of(key));
    }
    CHECK(owner_key_of("node_id") == OwnerKey::kNodeId);
    CHECK(owner_key_of("") == OwnerKey::kNone);
    CHECK(Tag::string("node_id", "x", true).verbatim());
    CHECK_FALSE(Tag::string("node_id", "x").verbatim());
}
