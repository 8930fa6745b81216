#include "app/support_bundle.hpp"
#include "app/support_port.hpp"
#include "app/upkeep.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace meshscope::app {

namespace {

using namespace std::chrono_literals;

// A tar's files by name. Sizes and sums are octal.
std::map<std::string, std::string> unpacked(const std::string& tar) {
    std::map<std::string, std::string> out;
    std::size_t at = 0;
    while (at + 512 <= tar.size() && tar[at] != '\0') {
        const std::string head = tar.substr(at, 512);
        unsigned sum = 0;
        for (std::size_t i = 0; i < head.size(); ++i) {
            sum += i >= 148 && i < 156 ? 32U : static_cast<unsigned char>(head[i]);
        }
        CHECK(std::stoul(head.substr(148, 6), nullptr, 8) == sum);
        CHECK(head.substr(257, 8) == std::string("ustar\00000", 8));
        const std::size_t size = std::stoul(head.substr(124, 11), nullptr, 8);
        out[head.c_str()] = tar.substr(at + 512, size);
        at += 512 + (size + 511) / 512 * 512;
    }
    CHECK(tar.substr(at) == std::string(1024, '\0'));
    return out;
}

config::Loaded loaded(const std::string& text, const std::string& mount_root = "/nowhere") {
    const auto result = config::load_text(text, {.mount_root = mount_root});
    REQUIRE(result.has_value());
    return *result;
}

struct World {
    test::ManualClock clock;
    std::vector<std::string> lines;
    telemetry::Logger logger{options()};

    telemetry::LogOptions options() {
        telemetry::LogOptions made;
        made.clock = &clock;
        made.sink = [this](std::string_view line) { lines.emplace_back(line); };
        return made;
    }
    [[nodiscard]] std::size_t count(const std::string& words) const {
        return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const std::string& line) {
            return line.find(words) != std::string::npos;
        }));
    }
};

}  // namespace

TEST_CASE("support: files of any size come out of the tar as they went in", "[support]") {
    const Scrubber none(loaded("auth: {strategy: anonymous}\n"));
    std::map<std::string, std::string> wanted;
    std::string tar;
    for (const std::size_t size : {0UL, 1UL, 511UL, 512UL, 513UL, 100'000UL}) {
        const BundleFile file{"file-" + std::to_string(size), std::string(size, 'x')};
        wanted["meshscope-support/" + file.name] = file.text;
        tar += tar_entries(std::span(&file, 1), none, from_micros(1'767'225'600'000'000));
    }
    CHECK(unpacked(tar + tar_end()) == wanted);
}

TEST_CASE("support: no secret of the configuration is in any file, whoever wrote it", "[support]") {
    const test::ScratchDir dir;
    const std::string key =
        dir.write("key", "-----BEGIN KEY-----\nline-of-a-key\n-----END KEY-----\n");
    const std::string word = dir.write("word", " marker-of-file \n");
    const config::Loaded with = loaded(
        "auth: {strategy: token}\n"
        "login_token: {signing_key: marker-signing-k}\n"
        "identity: {cert_file: /c, private_key_file: " +
        key +
        "}\n"
        "meshscope: {previous_signing_keys: [marker-previous1, " +
        word +
        "]}\n"
        "external_services:\n"
        "  prometheus: {url: 'http://u:marker-in-url@prometheus', custom_headers: {X: "
        "marker-header}}\n"
        "  tracing: {auth: {type: basic, username: meshscope, password: marker-password}}\n"
        "  perses: {auth: {password: marker-unused}}\n"
    );
    std::vector<BundleFile> files = files_of_configuration(with);
    files.push_back(
        {"log.txt",
         "marker-signing-k marker-previous1 marker-of-file line-of-a-key\n"
         "marker-header marker-passwordmarker-password marker-unused END KEY meshscope\n"}
    );
    const auto found = unpacked(tar_entries(files, Scrubber(with), SystemTime()) + tar_end());
    for (const auto& [name, text] : found) {
        INFO(name);
        CHECK(text.find("marker") == std::string::npos);
        CHECK(text.find("line-of-a-key") == std::string::npos);
    }
    CHECK(
        found.at("meshscope-support/log.txt") ==
        "xxx xxx xxx xxx\nxxx xxxxxx xxx END KEY meshscope\n"
    );
    CHECK(
        found.at("meshscope-support/configuration.yaml").find("strategy: token") !=
        std::string::npos
    );
    CHECK(found.at("meshscope-support/versions.txt").find("OpenSSL") != std::string::npos);
}

TEST_CASE("support: the newest lines are kept, so many bytes of them", "[support]") {
    RecentLines lines;
    lines.keep("one");
    lines.keep("two");
    CHECK(lines.lines() == std::vector<std::string>{"one", "two"});
    for (int i = 0; i < 100; ++i) {
        lines.keep(std::string(10'000, 'x'));
    }
    CHECK(lines.lines().size() == RecentLines::kMostBytes / 10'000);
    lines.keep(std::string(1'000'000, 'x'));
    CHECK(lines.lines().empty());
}

TEST_CASE(
    "support: the port gives its bytes to each caller, and there is one of a name", "[support]"
) {
    constexpr std::uint16_t kPort = 1;  // no server of a test is there
    const std::string long_text(3'000'000, 'x');
    auto made = SupportPort::open(kPort, [&] { return long_text; });
    REQUIRE(made.has_value());
    for (int i = 0; i < 2; ++i) {
        const auto given = ask_support_port(kPort, 10s);
        REQUIRE(given.has_value());
        CHECK(*given == long_text);
    }
    const auto second = SupportPort::open(kPort, [] { return std::string(); });
    REQUIRE(second.has_error());
    CHECK(second.error().kind() == ErrorKind::kUnavailable);
    made->reset();
    const auto nobody = ask_support_port(kPort, 10s);
    REQUIRE(nobody.has_error());
    CHECK(std::string(nobody.error().message()).find("port 1") != std::string::npos);
}

TEST_CASE("credential files: a line for each change, none for what stays", "[support]") {
    const test::ScratchDir dir;
    const std::string token = dir.write("token", "first-token");
    const std::string later = dir.path("ca.pem");
    World world;
    const config::Loaded with = loaded(
        "auth: {strategy: anonymous}\n"
        "external_services:\n"
        "  tracing: {auth: {type: bearer, token: " +
        token + ", ca_file: " + later +
        "}}\n"
        "  perses: {auth: {token: /not/read}}\n"
    );
    CredentialFiles files(with, world.clock, world.logger);
    CHECK(world.lines.empty());
    const auto look = [&] {
        world.clock.advance(2s);
        files.look();
    };
    look();
    CHECK(world.lines.empty());
    dir.write("token", "first-token");  // another file, the same words
    look();
    CHECK(world.lines.empty());
    dir.write("token", "second-token");
    dir.write("ca.pem", "an authority");
    look();
    CHECK(
        world.count("a file of credentials has changed setting=external_services.tracing.auth.token"
        ) == 1
    );
    CHECK(
        world.count(
            "a file of credentials has changed setting=external_services.tracing.auth.ca_file"
        ) == 1
    );
    std::filesystem::remove(token);
    look();
    look();
    CHECK(world.count("cannot be read any more") == 1);
    CHECK(world.lines.size() == 3);
    for (const CredentialFiles::State& state : files.states()) {
        CHECK(state.path != "/not/read");
        if (state.path == later) {
            CHECK(state.bytes == 12);
        }
    }
    CHECK(world.count("first-token") + world.count("second-token") == 0);
}

TEST_CASE("a reload reads every file of credentials, changed or not", "[support]") {
    const test::ScratchDir dir;
    World world;
    clients::WatchedFile file(dir.write("word", "x"), world.clock);
    world.clock.advance(1s);  // later than the clocks of other tests
    CHECK(file.look_again());
    CHECK(file.read().has_value());
    world.clock.advance(2s);
    CHECK_FALSE(file.look_again());
    world.clock.advance(1ms);
    const config::Loaded with = loaded("auth: {strategy: anonymous}\n");
    Upkeep(with, world.clock, world.logger, nullptr).reload();
    world.clock.advance(1ms);
    CHECK(world.count("credentials and certificates are read again") == 1);
    CHECK(file.look_again());  // within the second
    CHECK(file.read().has_value());
    CHECK_FALSE(file.look_again());
}

}  // namespace meshscope::app
