#include "clients/credentials/credential_program.hpp"

#include "core/time_text.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

using namespace meshscope;
using namespace meshscope::clients;
using namespace std::chrono_literals;

namespace {

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

std::string answer(const std::string& status, const std::string& version = kVersion) {
    return R"({"kind":"ExecCredential","apiVersion":")" + version + R"(","status":)" + status + "}";
}

// A program of the test: a shell script that counts its runs.
struct Script {
    test::ScratchDir dir;
    SystemClock clock;
    CredentialProgramOptions options;

    explicit Script(const std::string& body) {
        options.program.command = {write(body)};
        options.api_version = kVersion;
        options.pause = 10ms;
    }
    std::string write(const std::string& body) const {
        std::string path =
            dir.write("give", "#!/bin/sh\necho run >> '" + dir.path("runs") + "'\n" + body + "\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    [[nodiscard]] std::ptrdiff_t runs() const {
        std::ifstream file(dir.path("runs"));
        return std::count(
            std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'
        );
    }
};

// What it says once `done`, or after far too long.
Result<std::string> eventually(
    CredentialProgram& program, const std::function<bool(const Result<std::string>&)>& done
) {
    const auto limit = std::chrono::steady_clock::now() + 30s;
    Result<std::string> said = program.current();
    while (!done(said) && std::chrono::steady_clock::now() < limit) {
        std::this_thread::sleep_for(5ms);
        said = program.current();
    }
    return said;
}

bool is_there(const Result<std::string>& said) { return said.has_value(); }
bool is_problem(const Result<std::string>& said) {
    return !said && said.error().message().find("not answered yet") == std::string::npos;
}

}  // namespace

TEST_CASE("a program gives a token; it runs when it is asked for, and once") {
    Script script("cat <<'END'\n" + answer(R"({"token":"t-1"})") + "\nEND");
    {
        CredentialProgram program(script.options, script.clock);
        CHECK(script.runs() == 0);
        CHECK_FALSE(program.current().has_value());
        const auto said = eventually(program, is_there);
        REQUIRE(said.has_value());
        CHECK(*said == "t-1");
        for (int i = 0; i < 20; ++i) {
            CHECK(program.current().has_value());
        }
    }
    CHECK(script.runs() == 1);
}

TEST_CASE(
    "a program that is missing, fails, hangs or talks nonsense is named, and nothing it wrote is"
) {
    struct Row {
        std::string body;
        std::string said;
    };
    const std::vector<Row> rows = {
        {"echo s3cret; exit 7", "ended with status 7"},
        {"kill -9 $$", "ended by signal 9"},
        {"echo s3cret", "something else than an ExecCredential"},
        {"echo '{\"kind\":\"s3cret\"}'", "something else than an ExecCredential"},
        {"echo '" + answer(R"({"token":"s3cret"})", "client.authentication.k8s.io/v1beta1") + "'",
         "another version than client.authentication.k8s.io/v1"},
        {"echo '" + answer("{}") + "'", "gives no token"},
        {"echo '" + answer(R"({"token":5})") + "'", "gives no token"},
        {"echo '" + answer("null") + "'", "gives no token"},
        {"echo '" + answer(R"({"clientCertificateData":"s3cret","clientKeyData":"s3cret"})") + "'",
         "only tokens are taken"},
        {"echo '" + answer(R"({"token":"s3cret","expirationTimestamp":"soon"})") + "'",
         "that is no time"},
        {"echo '" + answer(R"({"token":"s3cret","expirationTimestamp":"2020-01-01T00:00:00Z"})") +
             "'",
         "has expired"},
        {"exec sleep 600", "has not ended after 200 ms"},
        {"sleep 600 & echo '" + answer(R"({"token":"s3cret"})") + "'", "has not ended after 200 ms"
        },
        {"exec head -c 2000000 /dev/zero", "more than 1 MiB"},
    };
    for (const Row& row : rows) {
        INFO(row.body);
        Script script(row.body);
        script.options.timeout = row.said.find("200 ms") == std::string::npos ? 30'000ms : 200ms;
        CredentialProgram program(script.options, script.clock);
        const auto said = eventually(program, is_problem);
        REQUIRE(said.has_error());
        CHECK(said.error().kind() == ErrorKind::kUpstreamAuth);
        CHECK(said.error().message().find(row.said) != std::string::npos);
        CHECK(said.error().message().find("/give") != std::string::npos);
        CHECK(said.error().message().find("s3cret") == std::string::npos);
    }
    Script missing("");
    missing.options.program.command = {missing.dir.path("not-there")};
    missing.options.install_hint = "get it from the operator";
    CredentialProgram program(missing.options, missing.clock);
    const auto said = eventually(program, is_problem);
    REQUIRE(said.has_error());
    CHECK(said.error().message().find("No such file") != std::string::npos);
    CHECK(said.error().message().ends_with("(get it from the operator)"));
}

TEST_CASE("it runs again before its token expires, and after it was refused") {
    const std::string soon = format_rfc3339(SystemClock().now() + 30s);
    Script script(
        "n=$(wc -l < \"$(dirname \"$0\")/runs\" | tr -d ' ')\n"
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" +
        std::string(kVersion) + "\",\"status\":{\"expirationTimestamp\":\"" + soon +
        "\",\"token\":\"t-'$n'\"}}'"
    );
    SECTION("expiry is near") {
        CredentialProgram program(script.options, script.clock);
        const auto third = [](const auto& one) { return one && std::stoi(one->substr(2)) >= 3; };
        CHECK(third(eventually(program, third)));
    }
    SECTION("a refusal") {
        script.options.early = 0s;
        CredentialProgram program(script.options, script.clock);
        CHECK(eventually(program, is_there).has_value());
        std::this_thread::sleep_for(50ms);
        CHECK(script.runs() == 1);
        program.recheck();
        const auto said = eventually(program, [](const auto& one) { return one && *one == "t-2"; });
        REQUIRE(said.has_value());
        CHECK(*said == "t-2");
    }
    SECTION("a run that fails keeps the token while it is good") {
        script.options.early = 0s;
        CredentialProgram program(script.options, script.clock);
        CHECK(eventually(program, is_there).has_value());
        script.write("exit 1");
        program.recheck();
        const auto ran_again = [&script](const auto&) { return script.runs() >= 2; };
        CHECK(eventually(program, ran_again).has_value());
        std::this_thread::sleep_for(100ms);  // until its end is known
        const auto said = program.current();
        REQUIRE(said.has_value());
        CHECK(*said == "t-1");
    }
}

TEST_CASE("a program that runs is ended with its owner") {
    Script script("exec sleep 600");
    const auto begun = std::chrono::steady_clock::now();
    {
        CredentialProgram program(script.options, script.clock);
        CHECK_FALSE(program.current().has_value());
        while (script.runs() == 0 && std::chrono::steady_clock::now() - begun < 20s) {
            std::this_thread::sleep_for(5ms);
        }
    }
    CHECK(std::chrono::steady_clock::now() - begun < 25s);
}
