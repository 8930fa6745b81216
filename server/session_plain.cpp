#include "server/session_impl.hpp"

namespace meshscope::server {
namespace {

class PlainTransport {
 public:
    explicit PlainTransport(TcpSocket socket) : socket_(std::move(socket)) {}

    static Awaitable<bool> open() { co_return true; }
    void close_sending(const std::shared_ptr<void>& /*keep*/) {
        boost::system::error_code ignored;
        socket_.shutdown(TcpSocket::shutdown_send, ignored);
    }
    TcpSocket& socket() { return socket_; }
    TcpSocket& stream() { return socket_; }

 private:
    TcpSocket socket_;
};

}  // namespace

void start_plain_session(Worker& worker, TcpSocket socket, ConnectionTicket ticket) {
    std::string peer = peer_of(socket);
    const auto session = std::make_shared<Session<PlainTransport>>(
        worker, std::move(ticket), std::move(peer), false, std::move(socket)
    );
    session->start();
}

}  // namespace meshscope::server
