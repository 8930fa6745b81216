#include "config/tracing_urls.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

using meshscope::config::kDefaultTracingUrl;
using meshscope::config::resolve_tracing;
using meshscope::config::Tracing;
using meshscope::config::TracingTarget;
using meshscope::config::Transport;

namespace {

using Text = std::optional<std::string>;

// How a key is written; the value when filled tells which key it came from.
enum class Form { kAbsent, kEmpty, kFilled };
constexpr Form kForms[] = {Form::kAbsent, Form::kEmpty, Form::kFilled};

Text write(Form form, const char* value) {
    switch (form) {
        case Form::kAbsent:
            return std::nullopt;
        case Form::kEmpty:
            return "";
        case Form::kFilled:
            return value;
    }
    return std::nullopt;
}

// Internal URL by in_cluster_url (rows), internal_url (columns) and url (blocks): C the older key,
// N the newer one, D the default, - empty. Each in the order absent, empty, filled.
constexpr const char* kInternal[3][3] = {
    {"D-N", "D-N", "CCC"},  // url absent
    {"D-N", "D-N", "CCC"},  // url empty
    {"--N", "--N", "CCC"},  // url filled
};
// External URL by url (rows) and external_url (columns): U the older key, X the newer one, - empty.
constexpr const char* kExternal[3] = {"--X", "--X", "UUU"};

std::string meaning_of(char letter) {
    switch (letter) {
        case 'C':
            return "http://old-internal:1/c";
        case 'N':
            return "http://new-internal:2/n";
        case 'U':
            return "http://old-external/u";
        case 'X':
            return "http://new-external/x";
        case 'D':
            return std::string(kDefaultTracingUrl);
        default:
            return "";
    }
}

}  // namespace

TEST_CASE("every combination of the four tracing URLs and enabled") {
    int combinations = 0;
    for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t n = 0; n < 3; ++n) {
            for (std::size_t u = 0; u < 3; ++u) {
                for (std::size_t x = 0; x < 3; ++x) {
                    for (const std::optional<bool> enabled :
                         {std::optional<bool>(),
                          std::optional<bool>(true),
                          std::optional<bool>(false)}) {
                        Tracing tracing;
                        tracing.in_cluster_url = write(kForms[c], "http://old-internal:1/c");
                        tracing.internal_url = write(kForms[n], "http://new-internal:2/n");
                        tracing.url = write(kForms[u], "http://old-external/u");
                        tracing.external_url = write(kForms[x], "http://new-external/x");
                        tracing.enabled = enabled;
                        const TracingTarget target = resolve_tracing(tracing);
                        INFO(
                            "in_cluster_url " << c << " internal_url " << n << " url " << u
                                              << " external_url " << x
                        );
                        const bool any = c == 2 || n == 2 || u == 2 || x == 2;
                        const std::string internal = meaning_of(kInternal[u][c][n]);
                        CHECK(target.internal_url == internal);
                        CHECK(target.internal_key == (c == 2 ? "in_cluster_url" : "internal_url"));
                        CHECK(target.external_url == meaning_of(kExternal[u][x]));
                        CHECK(target.enabled == enabled.value_or(any));
                        CHECK(target.integration == (enabled.value_or(any) && !internal.empty()));
                        CHECK(target.off_reason.empty());
                        CHECK(target.external_problem.empty());
                        ++combinations;
                    }
                }
            }
        }
    }
    CHECK(combinations == 243);
}

TEST_CASE("what may stand in a link") {
    struct Row {
        const char* written;
        const char* expected;
        bool problem;
    };
    const Row rows[] = {
        {"http://jaeger.example.com/", "http://jaeger.example.com", false},
        {"HTTPS://jaeger.example.com/jaeger///", "https://jaeger.example.com/jaeger", false},
        {" http://jaeger.example.com ", "http://jaeger.example.com", false},
        {"http://jaeger.example.com/?a=b@c", "http://jaeger.example.com/?a=b@c", false},
        {"https://user:pass@jaeger.example.com/j", "https://jaeger.example.com/j", true},
        {"javascript:alert(1)", "", true},
        {"javascript://host/%0aalert(1)", "", true},
        {"ftp://host/", "", true},
        {"jaeger.example.com", "", true},
        {"//jaeger.example.com", "", true},
        {"http:///jaeger", "", true},
        {"http://", "", true},
        {"http://host/a b", "", true},
        {"http://host/a\nb", "", true},
        {"", "", false},
    };
    for (const Row& row : rows) {
        INFO(row.written);
        Tracing tracing;
        tracing.external_url = row.written;
        const TracingTarget target = resolve_tracing(tracing);
        CHECK(target.external_url == row.expected);
        CHECK(!target.external_problem.empty() == row.problem);
        CHECK(target.external_problem.find("pass") == target.external_problem.find("password"));
    }
}

TEST_CASE("transport") {
    Tracing tracing;
    CHECK(resolve_tracing(tracing).transport == Transport::kGrpcThenHttp);
    tracing.use_grpc = true;
    CHECK(resolve_tracing(tracing).transport == Transport::kGrpc);
    tracing.use_grpc = false;
    CHECK(resolve_tracing(tracing).transport == Transport::kHttp);
}

TEST_CASE("what this version cannot serve is off, with the reason") {
    Tracing tracing;
    tracing.enabled = true;
    tracing.provider = "tempo";
    TracingTarget target = resolve_tracing(tracing);
    CHECK_FALSE(target.enabled);
    CHECK_FALSE(target.integration);
    CHECK(target.off_reason.find("external_services.tracing.provider") != std::string::npos);

    tracing.provider = "jaeger";
    tracing.auth.type = "oauth2";
    target = resolve_tracing(tracing);
    CHECK(target.enabled);
    CHECK(target.transport == Transport::kHttp);
    tracing.use_grpc = false;
    CHECK(resolve_tracing(tracing).transport == Transport::kHttp);

    tracing.provider = "tempo";
    tracing.enabled = false;
    CHECK(resolve_tracing(tracing).off_reason.empty());
}
