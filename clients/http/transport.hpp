#pragma once

#include "async/awaitable.hpp"
#include "clients/http/fault.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace meshscope::clients {

struct Received {
    boost::system::error_code error;
    std::size_t size = 0;
};

// One connection, plain or TLS. Used by one coroutine at a time, on its own thread.
class Transport {
 public:
    Transport() = default;
    virtual ~Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    virtual Awaitable<Received> read_some(std::span<char> into) = 0;
    // Both parts, in one go; they stay the caller's.
    virtual Awaitable<boost::system::error_code> write(
        std::string_view head, std::string_view body
    ) = 0;

    // Nothing has been received, and it has not been closed, since the last response: fit for
    // another request.
    [[nodiscard]] virtual bool is_quiet() = 0;
    // The peer has ended the stream in an orderly way.
    [[nodiscard]] virtual bool is_orderly_end(const boost::system::error_code& error) const = 0;
    [[nodiscard]] virtual Fault explain(const boost::system::error_code& error) const = 0;
    [[nodiscard]] virtual bool is_tls() const = 0;
};

using TransportPtr = std::unique_ptr<Transport>;

}  // namespace meshscope::clients
