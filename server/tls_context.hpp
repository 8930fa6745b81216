#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "server/server.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace meshscope::server {

// The server's certificate and TLS policy. Looks at the two files when a handshake asks, at most
// once a second, and takes a changed pair when it is whole; until then the old pair serves.
// Thread-safe.
class TlsContext {
 public:
    // kInternal with the file or setting at fault. `clock` and `logger` (which may be null) must
    // outlive it.
    static Result<std::shared_ptr<TlsContext>> load(
        TlsFiles files, const Clock& clock, telemetry::Logger* logger
    );
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    // For a new handshake.
    std::shared_ptr<boost::asio::ssl::context> current();

 private:
    struct Impl;
    explicit TlsContext(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::server
