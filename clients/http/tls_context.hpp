#pragma once

#include "clients/credentials/ca_bundle.hpp"
#include "clients/credentials/secret.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace meshscope::clients {

// OpenSSL's context for one upstream, built anew when a file behind the settings has changed.
// Thread-safe. A change that cannot be used (half-written bundle, certificate without its key yet)
// keeps the context before.
class TlsContext {
 public:
    TlsContext(TlsSettings settings, const Clock& clock);

    struct Current {
        std::shared_ptr<ssl_ctx_st> context;
        std::uint64_t generation = 0;  // another number: other trust or identity
        bool has_identity = false;     // a client certificate is there
    };
    // kUpstreamAuth: the client certificate or key cannot be read or do not belong together.
    Result<Current> current();

    // One line for each CA file or certificate that is not used and why.
    [[nodiscard]] std::vector<std::string> warnings() const;

 private:
    Result<std::shared_ptr<ssl_ctx_st>> build(
        const std::string& certificate, const std::string& key
    ) const;

    const TlsSettings settings_;
    mutable std::mutex mutex_;
    CaBundle bundle_;
    std::string certificate_;  // what current_ was built from
    std::string key_;
    Current current_;
};

}  // namespace meshscope::clients
