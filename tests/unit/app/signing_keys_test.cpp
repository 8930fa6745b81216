#include "app/signing_keys.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using clients::Secret;
using std::chrono::hours;
using std::chrono::seconds;
using Keys = std::vector<std::string>;

const std::string kOne = "first-key-16-byt";
const std::string kTwo = "second-key-of-24-bytes..";
const std::string kThree = "third key of exactly 32 bytes...";

struct World {
    test::ManualClock clock;
    Keys events;

    SigningKeys keys(Secret key, std::vector<Secret> previous = {}) {
        return {
            std::move(key),
            std::move(previous),
            hours(24),
            clock,
            [this](const std::string& text) { events.push_back(text); }
        };
    }
};

}  // namespace

TEST_CASE("signing keys: the configured one and the ones before it", "[login]") {
    World world;
    CHECK(world.keys(Secret::literal(kOne)).all() == Keys{kOne});
    std::vector<Secret> previous{
        Secret::literal(kTwo),
        Secret::literal("short"),
        Secret::literal(kOne),
        Secret::file("/nonexistent/key", world.clock),
    };
    CHECK(world.keys(Secret::literal(kOne), previous).all() == Keys{kOne, kTwo});
    CHECK(world.keys(Secret::literal("kiali"), previous).all().empty());
    CHECK(world.keys(Secret::file("/nonexistent/key", world.clock)).all().empty());
}

TEST_CASE(
    "signing keys: a file that is replaced, its old value stays for a session's life", "[login]"
) {
    World world;
    test::ScratchDir folder;
    const std::string path = folder.write("key", kOne + "\n");
    SigningKeys keys = world.keys(Secret::file(path, world.clock));
    CHECK(keys.all() == Keys{kOne});
    const auto replace = [&](const std::string& text) {
        folder.write("key", text);
        world.clock.advance(seconds(2));
        return keys.all();
    };
    CHECK(replace(kTwo) == Keys{kTwo, kOne});
    CHECK(world.events.size() == 1);
    world.clock.advance(hours(1));
    CHECK(replace(kThree) == Keys{kThree, kTwo, kOne});
    CHECK(replace("too short") == Keys{kThree, kTwo, kOne});
    CHECK(replace("too short") == Keys{kThree, kTwo, kOne});
    CHECK(world.events.size() == 3);
    CHECK(world.events.back().find("9 bytes") != std::string::npos);
    CHECK(world.events.back().find("too short") == std::string::npos);
    world.clock.advance(hours(23));
    CHECK(keys.all() == Keys{kThree, kTwo});
    world.clock.advance(hours(1));
    CHECK(keys.all() == Keys{kThree});
    CHECK(replace(kOne) == Keys{kOne, kThree});
    CHECK(replace(kThree) == Keys{kThree, kOne});
}

}  // namespace meshscope::app
