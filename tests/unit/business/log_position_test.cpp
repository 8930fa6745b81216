#include "business/log_position.hpp"

#include "business/log_follow_queue.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;
using business::LinesAfter;
using business::LogFollowQueue;
using business::LogPosition;
using business::ResumePoint;

TEST_CASE("lines behind a position are told from those before", "[logs][follow]") {
    struct Row {
        std::vector<std::int64_t> read, again;
        std::vector<bool> is_new;
    };
    const std::vector<Row> rows{
        {{}, {5, 5, 6}, {true, true, true}},
        {{5}, {5, 6}, {false, true}},
        {{5, 5}, {4, 5, 5, 5, 7, 5}, {false, false, false, true, true, true}},
        {{5, 7, 7}, {5, 7, 7}, {false, false, false}},
        {{7, 5}, {7, 5, 8}, {false, false, true}},  // a clock that was set back
    };
    for (const Row& row : rows) {
        LogPosition position;
        for (const std::int64_t stamp : row.read) {
            position.add(stamp);
        }
        LinesAfter after(position);
        std::vector<bool> got;
        for (const std::int64_t stamp : row.again) {
            got.push_back(after.is_new(stamp));
        }
        CHECK(got == row.is_new);
    }
}

TEST_CASE("a resume point is a word that is read back", "[logs][follow]") {
    ResumePoint point;
    const LogPosition position{1'772'600'767'123'456'789, 3};
    point.set("cart-1", "app", position);
    point.set("cart-1", "istio-proxy", {0, 1});
    point.set("cart-2", "app", {});
    const std::string text = point.text();
    CHECK(text.size() < 70);
    CHECK(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos);
    const auto read = ResumePoint::parse(text);
    REQUIRE(read);
    CHECK(read->of("cart-1", "app") == position);
    CHECK(read->of("cart-1", "istio-proxy") == LogPosition{0, 1});
    CHECK(read->of("cart-2", "app") == LogPosition());
    CHECK(ResumePoint::parse(ResumePoint().text()));
    for (const std::string& bad :
         {std::string(),
          std::string("2"),
          std::string("17"),
          text + ".",
          text + ".a-b",
          text + ".a-b-c-d",
          text + ".a--1-1",
          text + ".?-1-1",
          std::string("1.zzzzzzzzzzzzzzzz-1-1"),
          "1" + std::string(9'000, '.')}) {
        INFO(bad.substr(0, 100));
        CHECK_FALSE(ResumePoint::parse(bad));
    }
}

TEST_CASE("the queue of a follower is bounded and drops what is oldest", "[logs][follow]") {
    LogFollowQueue queue({200'000, 10'000});
    std::vector<models::LogLine> lines(1);
    for (int i = 0; i < 100 && !queue.full(); ++i) {
        lines[0].time_ns = 1'000 - i;
        lines[0].message = queue.texts().keep("line " + std::to_string(i));
        queue.add(lines, 4'000);
    }
    CHECK(queue.full());
    queue.drop_older_half();
    CHECK_FALSE(queue.full());
    queue.add({}, 0);
    const LogFollowQueue::Taken taken = queue.take();
    CHECK(taken.dropped > 10);
    CHECK(taken.dropped + taken.lines.size() == 50);
    CHECK(taken.lines.front().message == "line 49");
    CHECK(taken.lines.front().time_ns < taken.lines.back().time_ns);
    CHECK(queue.empty());
    CHECK(queue.take().dropped == 0);
    queue.texts().keep(std::string(100'000, 'x'));
    queue.add({}, 100'000);  // of lines that nobody wants nothing stays
    CHECK(queue.take().texts.empty());
}
