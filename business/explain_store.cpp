#include "business/explain_parts.hpp"
#include "business/explain_rules.hpp"
#include "business/store_url.hpp"

#include <algorithm>
#include <utility>

// What an error of the trace store means.
namespace meshscope::business {

namespace {

struct Row {
    Cause cause;
    Rung rung;
    std::string_view code;
    Sureness certainty;
    std::string_view setting;  // below external_services.tracing; "<url>"; "" none; "=..." whole
    std::string_view summary;
};

constexpr std::string_view kUrl = "<url>";

constexpr std::array kRows{
    Row{Cause::kDns,
        Rung::kReachable,
        "dns",
        Sureness::kCertain,
        kUrl,
        "The host name of the trace store does not resolve."},
    Row{Cause::kRefused,
        Rung::kReachable,
        "nothing_listens",
        Sureness::kLikely,
        kUrl,
        "Nothing listens at the host and port of the trace store: the port is wrong, or it does "
        "not "
        "run."},
    Row{Cause::kNoRoute,
        Rung::kReachable,
        "no_route",
        Sureness::kLikely,
        kUrl,
        "There is no way to the host of the trace store: the address or a network policy is in the "
        "way."},
    Row{Cause::kSilent,
        Rung::kReachable,
        "no_answer",
        Sureness::kLikely,
        kUrl,
        "The trace store does not answer in time: it is overloaded, or a network policy drops what "
        "is sent."},
    Row{Cause::kOverloaded,
        Rung::kReachable,
        "overloaded",
        Sureness::kLikely,
        "",
        "The trace store, or a proxy in front of it, has no room for the call."},
    Row{Cause::kPlainOnTls,
        Rung::kProtocol,
        "tls_wanted",
        Sureness::kCertain,
        kUrl,
        "The port of the trace store speaks TLS and the URL says http."},
    Row{Cause::kTlsOnPlain,
        Rung::kProtocol,
        "tls_not_spoken",
        Sureness::kCertain,
        kUrl,
        "The URL says https and the port of the trace store does not speak TLS."},
    Row{Cause::kGrpcPort,
        Rung::kProtocol,
        "http_on_grpc_port",
        Sureness::kLikely,
        "use_grpc",
        "HTTP is spoken to a port of the trace store that speaks gRPC."},
    Row{Cause::kHttpPort,
        Rung::kProtocol,
        "grpc_on_http_port",
        Sureness::kLikely,
        "use_grpc",
        "gRPC is spoken to a port of the trace store that speaks HTTP."},
    Row{Cause::kUnknownAuthority,
        Rung::kProtocol,
        "unknown_authority",
        Sureness::kCertain,
        "auth.ca_file",
        "The certificate of the trace store is of an authority that is not trusted."},
    Row{Cause::kCertificateName,
        Rung::kProtocol,
        "certificate_name",
        Sureness::kCertain,
        kUrl,
        "The certificate of the trace store is for another name than the URL's."},
    Row{Cause::kCertificateTime,
        Rung::kProtocol,
        "certificate_time",
        Sureness::kCertain,
        "",
        "The certificate of the trace store is not valid at this time."},
    Row{Cause::kCertificate,
        Rung::kProtocol,
        "unknown_authority",
        Sureness::kLikely,
        "auth.ca_file",
        "The certificate of the trace store is not accepted: its authority is not trusted, or it "
        "has expired."},
    Row{Cause::kPathPrefix,
        Rung::kPath,
        "path_prefix_wrong",
        Sureness::kLikely,
        kUrl,
        "The path in the URL of the trace store is not the base path that it is served under."},
    Row{Cause::kWebPage,
        Rung::kPath,
        "not_the_store",
        Sureness::kLikely,
        kUrl,
        "The URL leads to some other web server, not to the trace store's API."},
    Row{Cause::kApiRemoved,
        Rung::kPath,
        "search_api_removed",
        Sureness::kLikely,
        "use_grpc",
        "This release of Jaeger no longer has the API that is asked over HTTP."},
    Row{Cause::kLoginPage,
        Rung::kCredentials,
        "login_page",
        Sureness::kLikely,
        "auth.type",
        "A log-in page answers in place of the trace store: an authenticating proxy is in front."},
    Row{Cause::kCredentials,
        Rung::kCredentials,
        "credentials_refused",
        Sureness::kLikely,
        "auth",
        "The trace store, or a proxy in front of it, refuses the credentials."},
    Row{Cause::kExpiredToken,
        Rung::kCredentials,
        "token_expired",
        Sureness::kCertain,
        "auth.token",
        "The token for the trace store has expired."},
    Row{Cause::kNoClientCertificate,
        Rung::kCredentials,
        "client_certificate_missing",
        Sureness::kCertain,
        "auth.cert_file",
        "The trace store demands a client certificate and none is configured."},
    Row{Cause::kRefusedClientCertificate,
        Rung::kCredentials,
        "client_certificate_refused",
        Sureness::kLikely,
        "auth.cert_file",
        "The trace store does not take the client certificate."},
    Row{Cause::kTenant,
        Rung::kTenant,
        "tenant",
        Sureness::kLikely,
        "custom_headers",
        "The trace store serves tenants, and the one that is sent is missing or unknown."},
    Row{Cause::kStorage,
        Rung::kStorage,
        "storage_error",
        Sureness::kLikely,
        "",
        "The trace store answers and its storage fails."},
    Row{Cause::kReceiveLimit,
        Rung::kStorage,
        "receive_limit",
        Sureness::kCertain,
        "=meshscope.receive_limit_mb",
        "The answer is larger than what this server takes."},
};

// Where the cause is not known for sure, the hint still says what kind of trouble it is.
StoreVerdict by_hint(const Error& error) {
    StoreVerdict out;
    out.verdict.summary = error.message();
    const std::string& setting = error.hint().setting;
    if (!setting.empty()) {
        out.verdict.change = SettingChange{setting, "", error.hint().value};
    }
    if (setting.ends_with("auth.cert_file")) {
        out.rung = Rung::kCredentials;
        out.verdict.code = "client_certificate_missing";
        out.verdict.certainty = Sureness::kLikely;
    } else if (setting.find(".auth") != std::string::npos ||
               error.kind() == ErrorKind::kUpstreamAuth) {
        out.rung = Rung::kCredentials;
        out.verdict.code = "credentials_refused";
    } else if (error.kind() == ErrorKind::kUpstreamProtocol) {
        out.rung = Rung::kProtocol;
        out.verdict.code = "not_the_store";
    } else if (error.kind() == ErrorKind::kDeadline) {
        out.verdict.code = "no_answer";
    } else {
        out.verdict.code = "unreachable";
    }
    return out;
}

std::string setting_of(const Row& row, const StoreSetup& setup) {
    if (row.setting.empty()) {
        return {};
    }
    if (row.setting.starts_with('=')) {
        return std::string(row.setting.substr(1));
    }
    return row.setting == kUrl ? url_setting(setup) : kTracing + std::string(row.setting);
}

void complete(const StoreSetup& setup, const Error& error, Cause cause, Verdict& verdict) {
    SettingChange& change = *verdict.change;
    switch (cause) {
        case Cause::kPathPrefix:
            if (!error.hint().value.empty()) {  // the store's own page tells its base path
                verdict.code = prefix_code(setup, error.hint().value);
            } else if (const auto url = read_store_url(setup.url); url && url->path.empty()) {
                verdict.code = "path_prefix_missing";
            }
            break;
        case Cause::kCredentials:
            if (setup.auth_type == "none" || setup.auth_type.empty()) {
                verdict.code = "credentials_missing";
                verdict.summary = "The trace store wants credentials and none are configured.";
                change = {kTracing + "auth.type", "none", ""};
                return;
            }
            break;
        case Cause::kExpiredToken:
            if (setup.auth_type != "bearer") {  // something else has expired
                verdict.code = "credentials_refused";
                verdict.certainty = Sureness::kLikely;
                verdict.summary = "The trace store, or a proxy in front of it, refuses the call.";
                change.key = kTracing + "auth";
            }
            return;
        case Cause::kReceiveLimit:
            change.from = std::to_string(setup.receive_limit_mb);
            change.to = std::to_string(2 * setup.receive_limit_mb);
            return;
        case Cause::kLoginPage:
            change.from = setup.auth_type;
            return;
        case Cause::kGrpcPort:
        case Cause::kHttpPort:
        case Cause::kApiRemoved:
            change.from = word_of(setup.transport);
            change.to = cause == Cause::kHttpPort ? "false" : "true";
            return;
        default:
            break;
    }
    if (change.key == url_setting(setup)) {
        change.from = setup.url;
    }
    change.to = error.hint().value;
}

StoreVerdict by_cause(const StoreSetup& setup, const Error& error) {
    const auto* const row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& one) {
        return one.cause == error.cause();
    });
    if (row == kRows.end()) {
        return by_hint(error);
    }
    StoreVerdict out;
    out.rung = row->rung;
    out.verdict.code = row->code;
    out.verdict.certainty = row->certainty;
    out.verdict.summary = row->summary;
    if (std::string setting = setting_of(*row, setup); !setting.empty()) {
        out.verdict.change = SettingChange{std::move(setting), "", ""};
        complete(setup, error, row->cause, out.verdict);
    }
    return out;
}

Rung rung_of(std::string_view code, Rung otherwise) {
    const auto* const row =
        std::find_if(kRows.begin(), kRows.end(), [&](const Row& one) { return one.code == code; });
    return row == kRows.end() ? otherwise : row->rung;
}

}  // namespace

StoreVerdict judge_store_error(
    const StoreSetup& setup, const Error& error, const std::vector<Attempt>& attempts
) {
    StoreVerdict out = by_cause(setup, error);
    const auto works = std::find_if(attempts.begin(), attempts.end(), [](const Attempt& attempt) {
        return !attempt.error;
    });
    if (works != attempts.end()) {
        out.verdict.change = works->proposal.change;
        out.verdict.certainty = Sureness::kCertain;
        out.verdict.code = works->proposal.code;
        out.rung = rung_of(works->proposal.code, out.rung);
        out.verdict.summary += " With the change it was tried and works.";
    }
    return out;
}

}  // namespace meshscope::business
