#include "clients/credentials/secret.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace meshscope;
using namespace meshscope::clients;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

TEST_CASE("a literal is given as it stands") {
    CHECK(*Secret::literal(" pass word ").current() == " pass word ");
    CHECK(Secret::literal("x").is_set());
    CHECK(Secret::none().current()->empty());
    CHECK_FALSE(Secret::none().is_set());
}

TEST_CASE("a rotated file is seen after a second, not read before") {
    test::ManualClock clock;
    const test::ScratchDir dir;
    const Secret secret = Secret::file(dir.write("token", " first\n"), clock);
    CHECK(secret.is_set());
    CHECK(*secret.current() == "first");
    dir.write("token", "other\n");
    clock.advance(999ms);
    CHECK(*secret.current() == "first");
    clock.advance(1ms);
    CHECK(*secret.current() == "other");
}

TEST_CASE("recheck looks at once") {
    test::ManualClock clock;
    const test::ScratchDir dir;
    const Secret secret = Secret::file(dir.write("token", "first"), clock);
    CHECK(*secret.current() == "first");
    dir.write("token", "other");
    secret.recheck();
    CHECK(*secret.current() == "other");
}

TEST_CASE("a switched directory link is a change of the file") {
    test::ManualClock clock;
    const test::ScratchDir dir;
    fs::create_directories(dir.path("..1"));
    fs::create_directories(dir.path("..2"));
    dir.write("..1/token", "one");
    dir.write("..2/token", "two");
    fs::create_directory_symlink("..1", dir.path("..data"));
    fs::create_symlink("..data/token", dir.path("token"));
    const Secret secret = Secret::file(dir.path("token"), clock);
    CHECK(*secret.current() == "one");
    fs::create_directory_symlink("..2", dir.path("..tmp"));
    fs::rename(dir.path("..tmp"), dir.path("..data"));
    clock.advance(1s);
    CHECK(*secret.current() == "two");
}

TEST_CASE("an empty, removed or huge file keeps the old value until a good one comes") {
    test::ManualClock clock;
    const test::ScratchDir dir;
    const std::string path = dir.write("token", "good");
    const Secret secret = Secret::file(path, clock);
    CHECK(*secret.current() == "good");
    const auto after_a_second = [&] {
        clock.advance(1s);
        return *secret.current();
    };
    dir.write("token", " \n");
    CHECK(after_a_second() == "good");
    fs::remove(path);
    CHECK(after_a_second() == "good");
    dir.write("token", std::string(5UL << 20U, 'x'));
    CHECK(after_a_second() == "good");
    dir.write("token", "better");
    CHECK(after_a_second() == "better");
}

TEST_CASE("a file that was never readable is an error that names it, until it appears") {
    test::ManualClock clock;
    const test::ScratchDir dir;
    const std::string path = dir.path("token");
    const Secret secret = Secret::file(path, clock);
    for (int i = 0; i < 2; ++i) {
        const auto error = secret.current().error();
        CHECK(error.kind() == ErrorKind::kUpstreamAuth);
        CHECK(error.message().find(path) != std::string::npos);
    }
    dir.write("token", "late");
    clock.advance(1s);
    CHECK(*secret.current() == "late");
}

TEST_CASE("a directory in place of the file is an error") {
    test::ManualClock clock;
    const test::ScratchDir dir;
    CHECK(Secret::file(dir.path("."), clock).current().has_error());
}

TEST_CASE("authorization values") {
    struct Row {
        AuthType type;
        std::string user;
        std::string password;
        std::string token;
        std::string expected;
    };
    const std::vector<Row> rows{
        {AuthType::kNone, "u", "p", "t", ""},
        {AuthType::kBasic, "Aladdin", "open sesame", "", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {AuthType::kBasic, "u", "", "", "Basic dTo="},
        {AuthType::kBearer, "", "", "abc.def", "Bearer abc.def"},
        {AuthType::kBearer, "", "", "", ""},
    };
    for (const Row& row : rows) {
        Credentials credentials;
        credentials.type = row.type;
        credentials.username = Secret::literal(row.user);
        credentials.password = Secret::literal(row.password);
        credentials.token = Secret::literal(row.token);
        CHECK(*credentials.authorization() == row.expected);
    }
}

TEST_CASE("a token cannot smuggle a header, and is not repeated in the error") {
    Credentials credentials;
    credentials.type = AuthType::kBearer;
    credentials.token = Secret::literal("s3cret\r\nX-Evil: 1");
    const auto error = credentials.authorization().error();
    CHECK(error.kind() == ErrorKind::kUpstreamAuth);
    CHECK(error.message().find("s3cret") == std::string::npos);
}
