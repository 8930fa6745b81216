#include "clients/jaeger/circuit_breaker.hpp"
#include "clients/jaeger/retry.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

namespace meshscope::clients::jaeger {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SystemTime kNow{seconds(784'111'777)};  // Sun, 06 Nov 1994 08:49:37 GMT
const SteadyTime kStart{std::chrono::hours(1)};

Error refused() {
    return Error(ErrorKind::kUpstreamUnavailable, "refused").with_detail("10.0.0.1");
}

}  // namespace

TEST_CASE("Retry-After is read as seconds or as a date and clamped") {
    struct Row {
        const char* header;
        std::optional<milliseconds> wait;
    };
    const Row row = GENERATE(values<Row>({
        {"0", milliseconds(0)},
        {"3", seconds(3)},
        {" 7 ", seconds(7)},
        {"60", seconds(60)},
        {"61", seconds(60)},
        {"315360000", seconds(60)},
        {"99999999999999999999999999", seconds(60)},
        {"-5", milliseconds(0)},
        {"Sun, 06 Nov 1994 08:49:47 GMT", seconds(10)},
        {"Sunday, 06-Nov-94 08:49:47 GMT", seconds(10)},
        {"Sun Nov  6 08:49:47 1994", seconds(10)},
        {"Sun, 06 Nov 1994 08:49:00 GMT", milliseconds(0)},
        {"Sun, 06 Nov 2094 08:49:00 GMT", seconds(60)},
        {"", std::nullopt},
        {"soon", std::nullopt},
        {"1.5", std::nullopt},
        {"-", std::nullopt},
        {"3 s", std::nullopt},
    }));
    CAPTURE(row.header);
    CHECK(parse_retry_after(row.header, kNow) == row.wait);
}

TEST_CASE("a repetition waits with jitter, and only if time is left for it") {
    const Deadline never = Deadline::never();
    CHECK(retry_pause(std::nullopt, never, kStart, 0) == milliseconds(100));
    CHECK(retry_pause(std::nullopt, never, kStart, 1) == milliseconds(125));
    CHECK(retry_pause(milliseconds(0), never, kStart, 1) == milliseconds(25));
    CHECK(retry_pause(seconds(4), never, kStart, 1) == seconds(5));
    const Deadline soon = Deadline::after(kStart, seconds(2));
    CHECK(retry_pause(seconds(1), soon, kStart, 0) == seconds(1));
    CHECK_FALSE(retry_pause(seconds(2), soon, kStart, 0));
    CHECK_FALSE(retry_pause(milliseconds(1'901), soon, kStart, 0));
    for (int i = 0; i < 100; ++i) {
        const double jitter = random_jitter();
        CHECK(jitter >= 0);
        CHECK(jitter <= 1);
    }
}

TEST_CASE("the breaker opens after failures in a row only, and lets one trial through") {
    CircuitBreaker breaker({3, seconds(2), seconds(6)});
    SteadyTime now = kStart;
    CHECK_FALSE(breaker.failed(refused(), now));
    CHECK_FALSE(breaker.failed(refused(), now));
    breaker.succeeded();
    CHECK_FALSE(breaker.failed(refused(), now));
    CHECK_FALSE(breaker.failed(refused(), now));
    CHECK_FALSE(breaker.refuse(now));
    CHECK(breaker.failed(refused(), now));

    now += milliseconds(1'500);
    const auto error = breaker.refuse(now);
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error->message() == "refused");
    CHECK(
        error->detail() == "not asked again: 3 calls in a row failed, the last 1.5 s ago; 10.0.0.1"
    );

    now += seconds(1);
    CHECK_FALSE(breaker.refuse(now));  // the trial
    CHECK(breaker.refuse(now));        // beside it
    CHECK_FALSE(breaker.failed(refused(), now));
    now += seconds(3);
    CHECK(breaker.refuse(now));  // the pause has doubled
    now += seconds(1);
    CHECK_FALSE(breaker.refuse(now));
    CHECK_FALSE(breaker.failed(refused(), now));
    now += milliseconds(5'999);
    CHECK(breaker.refuse(now));
    now += milliseconds(1);  // 6 s and not 8
    CHECK_FALSE(breaker.refuse(now));
    breaker.succeeded();
    CHECK_FALSE(breaker.refuse(now));
    CHECK_FALSE(breaker.refuse(now));
}

TEST_CASE("an answer of any kind closes the breaker, silence and cancelled calls say nothing") {
    struct Row {
        ErrorKind kind;
        bool closes;
    };
    const Row row = GENERATE(values<Row>({
        {ErrorKind::kNotFound, true},
        {ErrorKind::kInvalidArgument, true},
        {ErrorKind::kUpstreamAuth, true},
        {ErrorKind::kUpstreamProtocol, true},
        {ErrorKind::kCancelled, false},
        {ErrorKind::kDeadline, false},
    }));
    CircuitBreaker breaker({1, seconds(2), seconds(6)});
    CHECK(breaker.failed(refused(), kStart));
    const SteadyTime later = kStart + seconds(2);
    CHECK_FALSE(breaker.refuse(later));
    CHECK_FALSE(breaker.failed(Error(row.kind, "x"), later));
    // After a cancelled trial the next call is one; after a silent one there is a pause again.
    CHECK(breaker.refuse(later).has_value() == (row.kind == ErrorKind::kDeadline));
    CHECK(breaker.refuse(later).has_value() == !row.closes);
}

TEST_CASE("failures of calls that were under way change nothing in a pause") {
    CircuitBreaker breaker({1, seconds(2), seconds(6)});
    CHECK(breaker.failed(refused(), kStart));
    CHECK_FALSE(breaker.failed(refused(), kStart + seconds(1)));
    CHECK_FALSE(breaker.refuse(kStart + seconds(2)));
}

}  // namespace meshscope::clients::jaeger
