#include "clients/http/circuit_breaker.hpp"
#include "clients/http/retry_after.hpp"

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
    const auto call = breaker.begin(now).value();
    CHECK_FALSE(breaker.failed(call, refused(), now));
    CHECK_FALSE(breaker.failed(call, refused(), now));
    breaker.succeeded(call);
    CHECK_FALSE(breaker.failed(call, refused(), now));
    CHECK_FALSE(breaker.failed(call, refused(), now));
    CHECK(breaker.begin(now).has_value());
    CHECK(breaker.failed(call, refused(), now));

    now += milliseconds(1'500);
    const auto refusal = breaker.begin(now);
    REQUIRE(refusal.has_error());
    const Error error = refusal.error();
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error.message() == "refused");
    CHECK(
        error.detail() == "not asked again: 3 calls in a row failed, the last 1.5 s ago; 10.0.0.1"
    );

    now += seconds(1);
    auto trial = breaker.begin(now).value();
    CHECK(breaker.begin(now).has_error());  // beside it
    CHECK_FALSE(breaker.failed(trial, refused(), now));
    now += seconds(3);
    CHECK(breaker.begin(now).has_error());  // the pause has doubled
    now += seconds(1);
    trial = breaker.begin(now).value();
    CHECK_FALSE(breaker.failed(trial, refused(), now));
    now += milliseconds(5'999);
    CHECK(breaker.begin(now).has_error());
    now += milliseconds(1);  // 6 s and not 8
    trial = breaker.begin(now).value();
    breaker.succeeded(trial);
    CHECK(breaker.begin(now).has_value());
    CHECK(breaker.begin(now).has_value());
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
    CHECK(breaker.failed(breaker.begin(kStart).value(), refused(), kStart));
    const SteadyTime later = kStart + seconds(2);
    const auto trial = breaker.begin(later).value();
    CHECK_FALSE(breaker.failed(trial, Error(row.kind, "x"), later));
    // After a cancelled trial the next call is one; after a silent one there is a pause again.
    CHECK(breaker.begin(later).has_error() == (row.kind == ErrorKind::kDeadline));
    CHECK(breaker.begin(later).has_error() == !row.closes);
}

TEST_CASE("calls that were under way when a pause began change nothing, in it and after it") {
    struct Row {
        const char* name;
        std::optional<ErrorKind> failure;
    };
    const Row row = GENERATE(values<Row>({
        {"succeeds", std::nullopt},
        {"is answered", ErrorKind::kNotFound},
        {"is refused", ErrorKind::kUpstreamUnavailable},
        {"is silent", ErrorKind::kDeadline},
        {"is cancelled", ErrorKind::kCancelled},
    }));
    CAPTURE(row.name);
    CircuitBreaker breaker({1, seconds(2), seconds(6)});
    const auto straggler = breaker.begin(kStart).value();
    const auto ends = [&](SteadyTime now) {
        if (row.failure) {
            CHECK_FALSE(breaker.failed(straggler, Error(*row.failure, "late"), now));
        } else {
            breaker.succeeded(straggler);
        }
    };
    CHECK(breaker.failed(breaker.begin(kStart).value(), refused(), kStart));

    ends(kStart + seconds(1));
    CHECK(breaker.begin(kStart + seconds(1)).has_error());

    const SteadyTime half_open = kStart + seconds(2);
    auto trial = breaker.begin(half_open).value();
    ends(half_open);
    CHECK(breaker.begin(half_open).has_error());  // the trial is still under way

    CHECK_FALSE(breaker.failed(trial, refused(), half_open));
    CHECK(breaker.begin(half_open + milliseconds(3'999)).has_error());  // doubled, and once only
    trial = breaker.begin(half_open + seconds(4)).value();
    breaker.succeeded(trial);
    ends(half_open + seconds(5));
    CHECK(breaker.begin(half_open + seconds(5)).has_value());
}

TEST_CASE("a trial that was given up is none any more") {
    CircuitBreaker breaker({1, seconds(2), seconds(6)});
    CHECK(breaker.failed(breaker.begin(kStart).value(), refused(), kStart));
    const auto first = breaker.begin(kStart + seconds(2)).value();
    CHECK(breaker.begin(kStart + milliseconds(7'999)).has_error());
    const SteadyTime now = kStart + seconds(8);
    const auto second = breaker.begin(now).value();
    CHECK_FALSE(breaker.failed(first, refused(), now));
    CHECK(breaker.begin(now + seconds(4)).has_error());  // no pause of 4 s: the second is under way
    breaker.succeeded(second);
    CHECK(breaker.begin(now + seconds(4)).has_value());
    CHECK_FALSE(breaker.failed(first, refused(), now + seconds(4)));
    CHECK(breaker.begin(now + seconds(4)).has_value());
}

TEST_CASE("who asks in a pause, too, ends it by a success and does not prolong it by a failure") {
    CircuitBreaker breaker({1, seconds(2), seconds(6)});
    const auto before = breaker.begin_anyway();
    CHECK(breaker.failed(breaker.begin_anyway(), refused(), kStart));
    breaker.succeeded(before);
    CHECK(breaker.begin(kStart).has_error());

    const auto trial = breaker.begin(kStart + seconds(2)).value();
    CHECK_FALSE(breaker.failed(breaker.begin_anyway(), refused(), kStart + seconds(2)));
    CHECK(breaker.begin(kStart + seconds(2)).has_error());
    CHECK_FALSE(breaker.failed(trial, refused(), kStart + seconds(2)));
    CHECK(breaker.begin(kStart + seconds(3)).has_error());

    breaker.succeeded(breaker.begin_anyway());
    CHECK(breaker.begin(kStart + seconds(3)).has_value());
    CHECK(breaker.begin(kStart + seconds(3)).has_value());
}

}  // namespace meshscope::clients::jaeger
