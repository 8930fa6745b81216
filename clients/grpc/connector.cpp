#include "clients/grpc/connector.hpp"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <limits>

namespace meshscope::clients {

namespace {

constexpr std::chrono::seconds kLookAgain{1};
constexpr int kInitialBackoffMs = 250;
constexpr int kMaxBackoffMs = 5'000;
constexpr int kMaxMetadataBytes = 64 * 1024;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr std::chrono::milliseconds kMinKeepalive{300'000};

template <class Number>
int to_int(Number value) {
    return static_cast<int>(std::min<std::uint64_t>(
        static_cast<std::uint64_t>(value),
        static_cast<std::uint64_t>(std::numeric_limits<int>::max())
    ));
}

grpc::ChannelArguments arguments(const GrpcChannelOptions& options) {
    grpc::ChannelArguments args;
    args.SetUserAgentPrefix("meshscope");
    args.SetMaxReceiveMessageSize(to_int(options.max_message_bytes));
    args.SetInt(
        GRPC_ARG_KEEPALIVE_TIME_MS, to_int(std::max(options.keepalive, kMinKeepalive).count())
    );
    args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    args.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
    args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kInitialBackoffMs);
    args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
    args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, to_int(options.connect_timeout.count()));
    args.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
    args.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
    args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, options.use_proxy_environment ? 1 : 0);
    args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (!options.authority.empty()) {
        args.SetString(GRPC_ARG_DEFAULT_AUTHORITY, options.authority);
        args.SetSslTargetNameOverride(options.authority);
    }
    return args;
}

std::shared_ptr<grpc::ChannelCredentials> unverified(const TlsMaterial& material) {
    namespace tls = grpc::experimental;
    tls::TlsChannelCredentialsOptions options;
    options.set_verify_server_certs(false);
    options.set_check_call_host(false);
    options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
    if (!material.certificate.empty()) {
        options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>(
            std::vector<tls::IdentityKeyCertPair>{{material.key, material.certificate}}
        ));
        options.watch_identity_key_cert_pairs();
    }
    return tls::TlsCredentials(options);
}

}  // namespace

std::string grpc_address(const GrpcChannelOptions& options) {
    const bool v6 = options.host.find(':') != std::string::npos;
    return (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

GrpcConnector::GrpcConnector(const GrpcChannelOptions& options, const Clock& clock)
    : options_(options), clock_(clock), reader_(options.tls, clock) {}

std::shared_ptr<grpc::ChannelCredentials> GrpcConnector::credentials() const {
    if (!options_.use_tls) {
        return grpc::InsecureChannelCredentials();
    }
    if (options_.tls.insecure_skip_verify) {
        return unverified(material_);
    }
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = material_.roots;
    ssl.pem_private_key = material_.key;
    ssl.pem_cert_chain = material_.certificate;
    return grpc::SslCredentials(ssl);
}

void GrpcConnector::rebuild() {
    channel_ = grpc::CreateCustomChannel(
        "dns:///" + grpc_address(options_), credentials(), arguments(options_)
    );
}

Result<std::shared_ptr<grpc::Channel>> GrpcConnector::channel() {
    const std::scoped_lock lock(mutex_);
    if (!options_.use_tls) {
        if (!channel_) {
            rebuild();
        }
        return channel_;
    }
    const SteadyTime now = clock_.steady_now();
    if (channel_ && looked_ && now - *looked_ < kLookAgain) {
        return channel_;
    }
    looked_ = now;
    Result<TlsMaterial> material = reader_.read();
    if (!material && !channel_) {
        return material.error()
            .with_upstream(options_.upstream)
            .with_hint(
                {options_.setting_prefix + ".auth.cert_file",
                 "Give a PEM certificate and its own private key in cert_file and key_file."}
            );
    }
    if (material && (!channel_ || material->generation != material_.generation)) {
        material_ = std::move(*material);
        rebuild();
    }
    return channel_;
}

bool GrpcConnector::connected() {
    const std::scoped_lock lock(mutex_);
    return channel_ && channel_->GetState(false) == GRPC_CHANNEL_READY;
}

}  // namespace meshscope::clients
