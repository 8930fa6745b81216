#pragma once

#include "core/result.hpp"
#include "demo/net/faults.hpp"
#include "demo/net/http_message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace meshscope::demo {

struct TlsFiles;

// A small HTTP/1.1 server with a thread for each connection, so that a stalled answer holds up
// nobody else. The console's own server is not used on purpose: it cannot misbehave.
class HttpEndpoint {
 public:
    static constexpr std::size_t kFewBytes = 64UL * 1024;
    using Handler = std::function<HttpReply(const HttpRequest&)>;

    // `faults` may be nullptr (never misbehaves) and must outlive this. The handler is called from
    // many threads at once.
    // `most` bytes of a request's body; a larger one is answered with 413.
    HttpEndpoint(Handler handler, const Faults* faults, std::size_t most = kFewBytes);
    ~HttpEndpoint();  // stops
    HttpEndpoint(const HttpEndpoint&) = delete;
    HttpEndpoint& operator=(const HttpEndpoint&) = delete;

    // Before listen(). kInvalidArgument names the file that does not fit.
    Result<> speak_tls(const TlsFiles& files);

    // Binds and serves, after close() again. Port 0 takes any free one. kUnavailable when the port
    // is taken.
    Result<> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const;

    // Cuts every connection and waits for the threads.
    void close();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::demo
