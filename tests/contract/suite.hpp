#pragma once

#include "tests/contract/backend.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What the tests of the suite share.
namespace meshscope::contract {

using clients::StoppedBy;
using clients::TraceBatch;
using clients::TraceQuery;
using test::SpanRow;
using test::Tags;

inline constexpr std::int64_t kStart = 1'787'220'000'123'456;
inline constexpr std::chrono::milliseconds kGenerous{20'000};

inline const Implementation& any_implementation() {
    static const std::vector<Implementation> all = implementations();
    const auto index = GENERATE(range(std::size_t{0}, implementations().size()));
    return all[index];
}

inline TraceQuery query_all(const Backend& backend) {
    TraceQuery query;
    query.service = backend.wire().any_service ? "" : SpanRow().service;
    query.window = {from_micros(kStart - 10'000'000), from_micros(kStart + 10'000'000)};
    return query;
}

// An assertion that fails after it tells what the store said.
inline Result<TraceBatch> noted(Result<TraceBatch> batch) {
    if (!batch) {
        UNSCOPED_INFO("the store: " << batch.error().message() << " " << batch.error().detail());
    }
    return batch;
}

inline Result<TraceBatch> find(Backend& backend, TraceQuery query, RequestContext context = {}) {
    return noted(test::run_coroutine<Result<TraceBatch>>([&backend, query, context] {
        return backend.store().find_traces(context, query);
    }));
}

inline Result<TraceBatch> get(Backend& backend, TraceId id) {
    return noted(test::run_coroutine<Result<TraceBatch>>([&backend, id] {
        return backend.store().get_trace({}, id, std::nullopt);
    }));
}

// Whether the trouble can be had; says so when not.
inline bool can_suffer(const Backend& backend, Trouble trouble) {
    if (!backend.can_suffer(trouble)) {
        WARN("left out: this trouble cannot be made here");
        return false;
    }
    return true;
}

inline HeldTrace held(std::uint64_t id, std::int64_t offset_us = 0) {
    SpanRow row;
    row.id = 0xb7ad6b7169203331;
    row.start_us = kStart + offset_us;
    return {.id = {0, id}, .spans = {row}};
}

inline std::vector<std::uint64_t> ids_of(const TraceBatch& batch) {
    std::vector<std::uint64_t> ids;
    for (const auto& trace : batch.traces) {
        ids.push_back(trace->id.low);
    }
    return ids;
}

inline void check_tag(const models::Tag& tag, const test::TagValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        REQUIRE(tag.type() == models::ValueType::kString);
        CHECK(tag.text() == *text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        REQUIRE(tag.type() == models::ValueType::kBool);
        CHECK(tag.as_bool() == *flag);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        REQUIRE(tag.type() == models::ValueType::kInt64);
        CHECK(tag.as_int() == *integer);
    } else if (const auto* binary = std::get_if<test::Binary>(&value)) {
        REQUIRE(tag.type() == models::ValueType::kBinary);
        CHECK(tag.text() == binary->bytes);
    } else {
        REQUIRE(tag.type() == models::ValueType::kFloat64);
        const double number = std::get<double>(value);
        CHECK((tag.as_double() == number || (std::isnan(tag.as_double()) && std::isnan(number))));
    }
}

// In their order; where the wire has none, in any.
inline void check_tags(
    const Backend& backend, const models::Slice<models::Tag>& seen, Tags expected
) {
    if (!backend.wire().repeated_keys) {
        std::map<std::string, test::TagValue> last;
        for (auto& [key, value] : expected) {
            last.insert_or_assign(key, std::move(value));
        }
        expected.assign(last.begin(), last.end());
    }
    REQUIRE(seen.size == expected.size());
    if (backend.wire().tag_order) {
        for (std::size_t i = 0; i < expected.size(); ++i) {
            INFO("tag " << expected[i].first);
            CHECK(seen[i].key() == expected[i].first);
            check_tag(seen[i], expected[i].second);
        }
        return;
    }
    std::multimap<std::string_view, const models::Tag*> there;
    for (const models::Tag& tag : seen) {
        there.emplace(tag.key(), &tag);
    }
    std::multimap<std::string_view, const test::TagValue*> wanted;
    for (const auto& [key, value] : expected) {
        wanted.emplace(key, &value);
    }
    auto found = there.begin();
    for (const auto& [key, value] : wanted) {
        INFO("tag " << key);
        CHECK(found->first == key);
        check_tag(*found->second, *value);
        ++found;
    }
}

// Span `id`, below `parent` (0: none).
inline SpanRow row_of(std::uint64_t id, std::uint64_t parent = 0) {
    SpanRow row = held(1).spans[0];
    row.id = id;
    row.parent = parent;
    row.start_us += static_cast<std::int64_t>(id % 1'000);
    return row;
}

// `trace`, alone in the backend, by its id.
inline models::TracePtr look_up(Backend& backend, const HeldTrace& trace) {
    backend.hold({trace});
    const auto batch = get(backend, trace.id);
    INFO((batch ? "" : batch.error().message()));
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    return batch->traces[0];
}

}  // namespace meshscope::contract
