#include "business/login_attempts.hpp"

#include "business/expiring_map.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace meshscope::business {

using std::chrono::seconds;

namespace {

// Each time with another token.
LoginAttempts::Try begin(LoginAttempts& attempts, const std::string& address) {
    static int tokens = 0;
    return attempts.begin(address, std::to_string(++tokens));
}

void fail(LoginAttempts& attempts, const std::string& address, int times = 1) {
    for (int i = 0; i < times; ++i) {
        LoginAttempts::Try one = begin(attempts, address);
        REQUIRE(one);
        one.failed();
    }
}

bool allowed(LoginAttempts& attempts, const std::string& address) {
    const LoginAttempts::Try one = begin(attempts, address);
    return static_cast<bool>(one);
}

std::string numbered(int i) {
    return "10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
}

}  // namespace

TEST_CASE("attempts: bad ones of one address are counted for a minute", "[login]") {
    test::ManualClock clock;
    LoginAttempts attempts(clock, 3);
    for (int i = 0; i < 10; ++i) {
        CHECK(allowed(attempts, "10.0.0.1"));  // good ones do not count
    }
    fail(attempts, "10.0.0.1");
    clock.advance(seconds(20));
    fail(attempts, "10.0.0.1", 2);
    CHECK_FALSE(allowed(attempts, "10.0.0.1"));
    CHECK(attempts.wait("10.0.0.1") == seconds(40));
    CHECK(allowed(attempts, "10.0.0.2"));
    CHECK(attempts.wait("10.0.0.2") == seconds(1));
    clock.advance(seconds(39));
    CHECK_FALSE(allowed(attempts, "10.0.0.1"));
    clock.advance(seconds(1));
    CHECK(allowed(attempts, "10.0.0.1"));
    fail(attempts, "10.0.0.1", 3);
    CHECK_FALSE(allowed(attempts, "10.0.0.1"));
}

TEST_CASE("attempts: those under way count, too", "[login]") {
    test::ManualClock clock;
    LoginAttempts attempts(clock, 2);
    {
        const LoginAttempts::Try first = begin(attempts, "10.0.0.1");
        LoginAttempts::Try second = begin(attempts, "10.0.0.1");
        CHECK(first);
        CHECK(second);
        CHECK_FALSE(allowed(attempts, "10.0.0.1"));
        CHECK(attempts.wait("10.0.0.1") == seconds(1));
        second.failed();
    }
    fail(attempts, "10.0.0.1");
    CHECK_FALSE(allowed(attempts, "10.0.0.1"));
}

TEST_CASE("attempts: what counts as one address", "[login]") {
    struct Row {
        std::string one;
        std::string other;
        bool same;
    };
    const std::vector<Row> rows{
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
        {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
        {"::ffff:10.0.0.1", "::ffff:10.0.0.1", true},
        {"::ffff:10.0.0.1", "::ffff:10.0.0.2", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.one, row.other);
        test::ManualClock clock;
        LoginAttempts attempts(clock, 1);
        fail(attempts, row.one);
        CHECK(allowed(attempts, row.other) != row.same);
    }
}

TEST_CASE("attempts: one token that is tried several times at once counts once", "[login]") {
    test::ManualClock clock;
    LoginAttempts attempts(clock, 2);
    {
        std::vector<LoginAttempts::Try> tries;
        for (int i = 0; i < 6; ++i) {
            tries.push_back(attempts.begin("10.0.0.1", "same"));
            CHECK(tries.back());
        }
        tries[1].failed();
        tries[3].failed();
        CHECK(allowed(attempts, "10.0.0.1"));
        CHECK(attempts.begin("10.0.0.2", "same"));
        fail(attempts, "10.0.0.1");
        CHECK_FALSE(allowed(attempts, "10.0.0.1"));
        CHECK(attempts.begin("10.0.0.1", "same"));
    }
    CHECK_FALSE(attempts.begin("10.0.0.1", "same"));  // two have failed
    clock.advance(seconds(60));
    CHECK(attempts.begin("10.0.0.1", "same"));
}

TEST_CASE("attempts: memory is bounded, and many addresses lock nobody out", "[login]") {
    test::ManualClock clock;
    LoginAttempts attempts(clock, 1);
    for (int i = 0; i < 10'000; ++i) {
        fail(attempts, numbered(i));
    }
    CHECK_FALSE(allowed(attempts, numbered(0)));
    CHECK(allowed(attempts, "10.2.0.1"));  // in the place of what tried longest ago
    CHECK(allowed(attempts, numbered(0)));
    CHECK_FALSE(allowed(attempts, numbered(1)));
    CHECK_FALSE(allowed(attempts, numbered(9'999)));
}

TEST_CASE("attempts: an address is remembered while it tries", "[login]") {
    test::ManualClock clock;
    LoginAttempts attempts(clock, 1);
    std::vector<LoginAttempts::Try> tries;
    for (int i = 0; i < 10'000; ++i) {
        tries.push_back(begin(attempts, numbered(i)));
    }
    CHECK_FALSE(allowed(attempts, "10.2.0.1"));
    tries.back().failed();
    tries.pop_back();
    CHECK_FALSE(allowed(attempts, numbered(9'999)));
    CHECK(allowed(attempts, "10.2.0.1"));
    CHECK_FALSE(allowed(attempts, numbered(0)));
}

TEST_CASE("values that expire: by time, by number, by name", "[login]") {
    test::ManualClock clock;
    ExpiringMap<int> map(clock, 3);
    const auto until = [&](int in) { return clock.steady_now() + seconds(in); };
    map.put("a", 1, until(10));
    map.put("b", 2, until(20));
    CHECK(map.find("a").value_or(0) == 1);
    clock.advance(seconds(10));
    CHECK_FALSE(map.find("a"));
    CHECK(map.find("b").value_or(0) == 2);
    map.put("b", 3, until(30));
    CHECK(map.find("b").value_or(0) == 3);
    map.put("c", 4, until(30));
    map.put("d", 5, until(30));
    CHECK(map.find("b"));
    map.put("e", 6, until(30));  // c was used longest ago
    CHECK_FALSE(map.find("c"));
    CHECK(map.find("b"));
    CHECK(map.size() == 3);
    map.erase("b");
    map.erase("nothing");
    CHECK_FALSE(map.find("b"));
    clock.advance(seconds(30));
    map.put("f", 7, until(5));
    CHECK(map.size() == 1);
}

}  // namespace meshscope::business
