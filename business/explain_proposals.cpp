#include "business/explain_parts.hpp"
#include "business/explain_rules.hpp"
#include "business/store_url.hpp"

#include <utility>

// Which other settings of the trace store are worth a try.
namespace meshscope::business {

namespace {

using Transport = clients::StoreTarget::Transport;
using With = clients::StoreTarget::With;

constexpr std::size_t kMostProposals = 3;

// Collects proposals for one configured URL.
class Proposals {
 public:
    Proposals(const StoreSetup& setup, const StoreUrl& url) : setup_(setup), configured_(url) {}

    void transport(Transport transport, std::string code) {
        add(configured_,
            transport,
            {kTracing + "use_grpc", word_of(setup_.transport), word_of(transport)},
            std::move(code));
    }
    void url(const StoreUrl& url, Transport transport, std::string code) {
        add(url, transport, {url_setting(setup_), setup_.url, url.to_string()}, std::move(code));
    }
    void port(std::uint16_t port, Transport transport) {
        if (port == configured_.port_or_default()) {
            return;
        }
        StoreUrl other = configured_;
        other.port = port;
        if (setup_.transport == Transport::kGrpcThenHttp || setup_.transport == transport) {
            url(other, transport, "wrong_port");
        }
    }
    [[nodiscard]] std::vector<Proposal> take() { return std::move(made_); }

 private:
    void add(const StoreUrl& url, Transport transport, SettingChange change, std::string code) {
        if (made_.size() == kMostProposals) {
            return;
        }
        Proposal one;
        one.target.url = url.to_string();
        one.target.transport = transport;
        one.target.with = url.same_place(configured_) ? With::kConfigured : With::kNothing;
        one.change = std::move(change);
        one.code = std::move(code);
        made_.push_back(std::move(one));
    }

    const StoreSetup& setup_;
    const StoreUrl& configured_;
    std::vector<Proposal> made_;
};

}  // namespace

std::string url_setting(const StoreSetup& setup) { return kTracing + setup.url_key; }

std::string word_of(Transport transport) {
    switch (transport) {
        case Transport::kGrpc:
            return "true";
        case Transport::kHttp:
            return "false";
        case Transport::kGrpcThenHttp:
            break;
    }
    return "";
}

std::string prefix_code(const StoreSetup& setup, const std::string& right) {
    const auto from = read_store_url(setup.url);
    const auto to = read_store_url(right);
    if (!from || !to) {
        return "path_prefix_wrong";
    }
    if (from->path.empty() || to->path.ends_with(from->path)) {
        return "path_prefix_missing";
    }
    if (to->path.empty() || from->path.starts_with(to->path)) {
        return "path_prefix_extra";
    }
    return "path_prefix_wrong";
}

std::vector<Proposal> proposals_after(const StoreSetup& setup, const Error& error) {
    const auto url = read_store_url(setup.url);
    if (!url) {
        return {};
    }
    Proposals out(setup, *url);
    StoreUrl other = *url;
    switch (error.cause()) {
        case Cause::kRefused:
        case Cause::kSilent:
            out.port(kJaegerGrpcPort, Transport::kGrpc);
            out.port(kJaegerHttpPort, Transport::kHttp);
            break;
        case Cause::kHttpPort:
            out.transport(Transport::kHttp, "grpc_on_http_port");
            out.port(kJaegerGrpcPort, Transport::kGrpc);
            break;
        case Cause::kGrpcPort:
            out.transport(Transport::kGrpc, "http_on_grpc_port");
            break;
        case Cause::kPlainOnTls:
        case Cause::kTlsOnPlain:
            other.https = !url->https;
            out.url(other, setup.transport, other.https ? "tls_wanted" : "tls_not_spoken");
            break;
        case Cause::kPathPrefix:
            if (const auto right = read_store_url(error.hint().value)) {
                out.url(*right, setup.transport, prefix_code(setup, error.hint().value));
            } else if (url->path.empty()) {
                other.path = "/jaeger";
                out.url(other, setup.transport, "path_prefix_missing");
            } else {
                other.path.clear();
                out.url(other, setup.transport, "path_prefix_extra");
            }
            break;
        case Cause::kApiRemoved:
            out.transport(Transport::kGrpc, "search_api_removed");
            other.port = kJaegerGrpcPort;
            out.url(other, Transport::kGrpc, "search_api_removed");
            break;
        case Cause::kNone:
            if (!url->https && setup.transport != Transport::kHttp &&
                error.kind() != ErrorKind::kUpstreamAuth) {
                other.https = true;
                out.url(other, setup.transport, "tls_wanted");
            }
            break;
        default:
            break;
    }
    return out.take();
}

}  // namespace meshscope::business
