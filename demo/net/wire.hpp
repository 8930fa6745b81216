#pragma once

#include "core/result.hpp"
#include "demo/net/tls_files.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <memory>

namespace meshscope::demo {

// One connection that was accepted, plain or TLS; every call waits. Used by one thread. The socket
// is not its own.
class Wire {
 public:
    using Socket = boost::asio::ip::tcp::socket;
    using ErrorCode = boost::system::error_code;

    explicit Wire(Socket& socket) : socket_(socket) {}
    virtual ~Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // As Asio's streams have them: at most the first buffer that is not empty.
    template <class Buffers>
    std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers);
             ++at) {
            if (boost::asio::mutable_buffer(*at).size() > 0) {
                return read(boost::asio::mutable_buffer(*at), error);
            }
        }
        return 0;
    }
    template <class Buffers>
    std::size_t read_some(const Buffers& buffers) {
        ErrorCode error;
        const std::size_t size = read_some(buffers, error);
        return error ? throw boost::system::system_error(error) : size;
    }
    template <class Buffers>
    std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers);
             ++at) {
            if (boost::asio::const_buffer(*at).size() > 0) {
                return write(boost::asio::const_buffer(*at), error);
            }
        }
        return 0;
    }

    [[nodiscard]] virtual bool reader_left() = 0;  // what it has sent ahead stays to be read
    virtual void finish() = 0;                     // nothing more is written

 protected:
    virtual std::size_t read(boost::asio::mutable_buffer into, ErrorCode& error) = 0;
    virtual std::size_t write(boost::asio::const_buffer bytes, ErrorCode& error) = 0;

    Socket& socket_;
};

[[nodiscard]] std::unique_ptr<Wire> plain_wire(Wire::Socket& socket);

// Who a server is. Thread-safe.
class TlsIdentity {
 public:
    // kInvalidArgument names the file that does not fit.
    static Result<std::shared_ptr<TlsIdentity>> load(const TlsFiles& files);
    // Null: the handshake failed. Who speaks plain HTTP is told so, as by Go's server.
    [[nodiscard]] virtual std::unique_ptr<Wire> accept(Wire::Socket& socket) = 0;
    virtual ~TlsIdentity() = default;
};

}  // namespace meshscope::demo
