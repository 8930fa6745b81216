#include "business/explain_rules.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using clients::StoreTarget;

namespace {

const std::string kKey = "external_services.tracing.in_cluster_url";

StoreSetup setup(
    const std::string& url,
    StoreTarget::Transport transport = StoreTarget::Transport::kHttp,
    const std::string& auth = "none"
) {
    StoreSetup out;
    out.url = url;
    out.url_key = "in_cluster_url";
    out.transport = transport;
    out.auth_type = auth;
    out.receive_limit_mb = 512;
    return out;
}

Error failed(Cause cause, ErrorKind kind = ErrorKind::kUpstreamUnavailable) {
    return Error(kind, "it failed").with_upstream("jaeger").with_cause(cause);
}

Error wrong_path(const std::string& right) {
    return failed(Cause::kPathPrefix, ErrorKind::kUpstreamProtocol).with_hint({kKey, "", right});
}

Attempt attempt(const Proposal& proposal, bool works) {
    Attempt out;
    out.proposal = proposal;
    if (!works) {
        out.error = failed(Cause::kRefused);
    }
    return out;
}

}  // namespace

TEST_CASE("each cause of the store has a rung, a word and a setting", "[explain]") {
    struct Row {
        Cause cause;
        Rung rung;
        const char* code;
        Sureness certainty;
        const char* key;
    };
    const std::string prefix = "external_services.tracing.";
    const Row row = GENERATE(values<Row>({
        {Cause::kDns, Rung::kReachable, "dns", Sureness::kCertain, "in_cluster_url"},
        {Cause::kRefused, Rung::kReachable, "nothing_listens", Sureness::kLikely, "in_cluster_url"},
        {Cause::kNoRoute, Rung::kReachable, "no_route", Sureness::kLikely, "in_cluster_url"},
        {Cause::kSilent, Rung::kReachable, "no_answer", Sureness::kLikely, "in_cluster_url"},
        {Cause::kOverloaded, Rung::kReachable, "overloaded", Sureness::kLikely, ""},
        {Cause::kPlainOnTls, Rung::kProtocol, "tls_wanted", Sureness::kCertain, "in_cluster_url"},
        {Cause::kTlsOnPlain, Rung::kProtocol, "tls_not_spoken", Sureness::kCertain, "in_cluster_url"
        },
        {Cause::kGrpcPort, Rung::kProtocol, "http_on_grpc_port", Sureness::kLikely, "use_grpc"},
        {Cause::kHttpPort, Rung::kProtocol, "grpc_on_http_port", Sureness::kLikely, "use_grpc"},
        {Cause::kUnknownAuthority,
         Rung::kProtocol,
         "unknown_authority",
         Sureness::kCertain,
         "auth.ca_file"},
        {Cause::kCertificate,
         Rung::kProtocol,
         "unknown_authority",
         Sureness::kLikely,
         "auth.ca_file"},
        {Cause::kCertificateName,
         Rung::kProtocol,
         "certificate_name",
         Sureness::kCertain,
         "in_cluster_url"},
        {Cause::kCertificateTime, Rung::kProtocol, "certificate_time", Sureness::kCertain, ""},
        {Cause::kPathPrefix, Rung::kPath, "path_prefix_missing", Sureness::kLikely, "in_cluster_url"
        },
        {Cause::kWebPage, Rung::kPath, "not_the_store", Sureness::kLikely, "in_cluster_url"},
        {Cause::kApiRemoved, Rung::kPath, "search_api_removed", Sureness::kLikely, "use_grpc"},
        {Cause::kLoginPage, Rung::kCredentials, "login_page", Sureness::kLikely, "auth.type"},
        {Cause::kCredentials,
         Rung::kCredentials,
         "credentials_missing",
         Sureness::kLikely,
         "auth.type"},
        {Cause::kExpiredToken, Rung::kCredentials, "credentials_refused", Sureness::kLikely, "auth"
        },
        {Cause::kNoClientCertificate,
         Rung::kCredentials,
         "client_certificate_missing",
         Sureness::kCertain,
         "auth.cert_file"},
        {Cause::kRefusedClientCertificate,
         Rung::kCredentials,
         "client_certificate_refused",
         Sureness::kLikely,
         "auth.cert_file"},
        {Cause::kTenant, Rung::kTenant, "tenant", Sureness::kLikely, "custom_headers"},
        {Cause::kStorage, Rung::kStorage, "storage_error", Sureness::kLikely, ""},
    }));
    INFO(row.code);
    const StoreVerdict found = judge_store_error(setup("http://jaeger:1"), failed(row.cause), {});
    CHECK(found.rung == row.rung);
    CHECK(found.verdict.code == row.code);
    CHECK(found.verdict.certainty == row.certainty);
    CHECK_FALSE(found.verdict.summary.empty());
    const std::string key = row.key;
    CHECK(
        (found.verdict.change ? found.verdict.change->key : "") ==
        (key.empty() ? key : prefix + key)
    );
}

TEST_CASE("what is not told apart is told by kind and hint, and never for certain", "[explain]") {
    struct Row {
        ErrorKind kind;
        const char* setting;
        const char* code;
    };
    const Row row = GENERATE(values<Row>({
        {ErrorKind::kUpstreamUnavailable, "", "unreachable"},
        {ErrorKind::kDeadline, "", "no_answer"},
        {ErrorKind::kUpstreamProtocol, "", "not_the_store"},
        {ErrorKind::kUpstreamAuth, "", "credentials_refused"},
        {ErrorKind::kUpstreamUnavailable,
         "external_services.tracing.auth.cert_file",
         "client_certificate_missing"},
        {ErrorKind::kUpstreamUnavailable,
         "external_services.tracing.auth.token",
         "credentials_refused"},
        {ErrorKind::kInternal, "", "unreachable"},
    }));
    INFO(row.code);
    const Error error = failed(Cause::kNone, row.kind).with_hint({row.setting, "advice"});
    const Verdict found = judge_store_error(setup("http://jaeger:1"), error, {}).verdict;
    CHECK(found.code == row.code);
    CHECK(found.certainty != Sureness::kCertain);
}

TEST_CASE("the right path says how the written one is wrong", "[explain]") {
    struct Row {
        const char* written;
        const char* right;
        const char* code;
    };
    const Row row = GENERATE(values<Row>({
        {"http://jaeger:16686", "http://jaeger:16686/jaeger", "path_prefix_missing"},
        {"http://jaeger:16686/jaeger", "http://jaeger:16686", "path_prefix_extra"},
        {"http://jaeger:16686/jaeger/ui", "http://jaeger:16686/jaeger", "path_prefix_extra"},
        {"http://jaeger:16686/ui", "http://jaeger:16686/jaeger/ui", "path_prefix_missing"},
        {"http://jaeger:16686/tracing", "http://jaeger:16686/jaeger", "path_prefix_wrong"},
    }));
    INFO(row.written);
    const Error error = wrong_path(row.right);
    const StoreSetup store = setup(row.written);
    const Verdict found = judge_store_error(store, error, {}).verdict;
    CHECK(found.code == row.code);
    CHECK(found.certainty == Sureness::kLikely);
    CHECK(found.change == SettingChange{kKey, row.written, row.right});
    const auto proposals = proposals_after(store, error);
    REQUIRE(proposals.size() == 1);
    CHECK(proposals[0].target.url == row.right);
    CHECK(proposals[0].code == row.code);
    CHECK(proposals[0].target.with == StoreTarget::With::kConfigured);
    const Verdict tried = judge_store_error(store, error, {attempt(proposals[0], true)}).verdict;
    CHECK(tried.code == row.code);
    CHECK(tried.certainty == Sureness::kCertain);
    const Verdict doubted = judge_store_error(store, error, {attempt(proposals[0], false)}).verdict;
    CHECK(doubted.certainty == Sureness::kLikely);
}

TEST_CASE("what was tried and works is certain", "[explain]") {
    const StoreSetup store = setup("http://jaeger:9/jaeger", StoreTarget::Transport::kGrpc);
    const Error refused = failed(Cause::kRefused);
    auto proposals = proposals_after(store, refused);
    REQUIRE(proposals.size() == 1);  // the transport is written: no other is proposed
    CHECK(proposals[0].target.url == "http://jaeger:16685/jaeger");
    CHECK(proposals[0].target.with == StoreTarget::With::kNothing);
    StoreVerdict found = judge_store_error(store, refused, {attempt(proposals[0], true)});
    CHECK(found.verdict.code == "wrong_port");
    CHECK(found.rung == Rung::kReachable);
    CHECK(found.verdict.certainty == Sureness::kCertain);
    CHECK(
        found.verdict.change ==
        SettingChange{kKey, "http://jaeger:9/jaeger", "http://jaeger:16685/jaeger"}
    );
    found = judge_store_error(store, refused, {attempt(proposals[0], false)});
    CHECK(found.verdict.code == "nothing_listens");
    CHECK(found.verdict.certainty == Sureness::kLikely);

    const Error http = failed(Cause::kHttpPort, ErrorKind::kUpstreamProtocol);
    proposals = proposals_after(store, http);
    REQUIRE(proposals.size() == 2);
    CHECK(proposals[0].target.transport == StoreTarget::Transport::kHttp);
    CHECK(proposals[0].target.with == StoreTarget::With::kConfigured);
    found =
        judge_store_error(store, http, {attempt(proposals[0], false), attempt(proposals[1], true)});
    CHECK(found.verdict.code == "wrong_port");
    found = judge_store_error(store, http, {attempt(proposals[0], true)});
    CHECK(found.verdict.code == "grpc_on_http_port");
    CHECK(
        found.verdict.change == SettingChange{"external_services.tracing.use_grpc", "true", "false"}
    );
}

TEST_CASE("proposals are few, and only of URLs that can be read", "[explain]") {
    CHECK(proposals_after(setup("nonsense"), failed(Cause::kRefused)).empty());
    CHECK(proposals_after(setup("http://a"), failed(Cause::kDns)).empty());
    CHECK(proposals_after(setup("http://a"), failed(Cause::kCredentials)).empty());
    const auto any = StoreTarget::Transport::kGrpcThenHttp;
    const auto ports = proposals_after(setup("http://a:16685", any), failed(Cause::kRefused));
    REQUIRE(ports.size() == 1);
    CHECK(ports[0].target.url == "http://a:16686");
    const auto tls = proposals_after(setup("http://a:1"), failed(Cause::kPlainOnTls));
    REQUIRE(tls.size() == 1);
    CHECK(tls[0].target.url == "https://a:1");
    CHECK(tls[0].target.with == StoreTarget::With::kNothing);
    const auto unknown = proposals_after(setup("http://a:1"), failed(Cause::kPathPrefix));
    REQUIRE(unknown.size() == 1);
    CHECK(unknown[0].code == "path_prefix_missing");
    const auto extra = proposals_after(setup("http://a:1/x"), failed(Cause::kPathPrefix));
    REQUIRE(extra.size() == 1);
    CHECK(extra[0].target.url == "http://a:1");
    const auto removed = proposals_after(setup("http://a:16686"), failed(Cause::kApiRemoved));
    REQUIRE(removed.size() == 2);
    CHECK(removed[1].target.url == "http://a:16685");
}

TEST_CASE("the receive limit is doubled", "[explain]") {
    const Verdict found =
        judge_store_error(setup("http://a"), failed(Cause::kReceiveLimit), {}).verdict;
    CHECK(found.change == SettingChange{"meshscope.receive_limit_mb", "512", "1024"});
}

TEST_CASE("only a token can be an expired token", "[explain]") {
    const auto transport = StoreTarget::Transport::kHttp;
    const Verdict found =
        judge_store_error(setup("http://a", transport, "bearer"), failed(Cause::kExpiredToken), {})
            .verdict;
    CHECK(found.code == "token_expired");
    CHECK(found.certainty == Sureness::kCertain);
    CHECK(found.change->key == "external_services.tracing.auth.token");
}
