#include "demo/net/http_endpoint.hpp"

#include "core/text.hpp"
#include "demo/net/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <list>
#include <memory>
#include <mutex>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace meshscope::demo {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using WireRequest = http::request<http::string_body>;
using WireReply = http::response<http::string_body>;

namespace {

// A token may be large. Beast has no field beyond 64 KiB.
constexpr std::uint32_t kMostHead = 64U * 1024;

WireReply to_wire(HttpReply reply, const WireRequest& request) {
    WireReply wire;
    wire.version(11);
    wire.result(reply.status);
    wire.set(http::field::content_type, reply.content_type);
    for (const auto& [name, value] : reply.headers) {
        wire.set(name, value);
    }
    wire.keep_alive(request.keep_alive());
    wire.body() = std::move(reply.body);
    wire.prepare_payload();
    return wire;
}

HttpRequest to_request(WireRequest& wire) {
    HttpRequest request = parse_target(
        {wire.method_string().data(), wire.method_string().size()},
        {wire.target().data(), wire.target().size()}
    );
    for (const auto& field : wire) {
        const auto name = field.name_string();
        const auto value = field.value();
        request.headers.emplace_back(
            to_lower({name.data(), name.size()}), std::string(value.data(), value.size())
        );
    }
    request.authorization = request.header("authorization");
    request.content_type = request.header("content-type");
    request.content_encoding = request.header("content-encoding");
    request.body = std::move(wire.body());
    return request;
}

// Answers what is not HTTP/1 (an HTTP/2 preface, TLS) as Go's server does.
void refuse(Wire& wire, const std::string& status) {
    const std::string text = "HTTP/1.1 " + status +
                             "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close"
                             "\r\n\r\n" +
                             status;
    boost::system::error_code ignored;
    asio::write(wire, asio::buffer(text), ignored);
}

// Takes what the caller still sends, so that closing does not take the answer away from it.
void drain(Wire& wire) {
    constexpr std::size_t kMost = 64UL << 20U;
    boost::system::error_code error;
    wire.finish();
    std::array<char, 16UL * 1024> sink{};
    for (std::size_t taken = 0; !error && taken < kMost;) {
        taken += wire.read_some(asio::buffer(sink), error);
    }
}

}  // namespace

struct HttpEndpoint::Impl {
    struct Connection {
        explicit Connection(tcp::socket s) : socket(std::move(s)) {}
        tcp::socket socket;
        std::thread thread;
        bool done = false;  // guarded by Impl::mutex
    };

    Impl(Handler h, const Faults* f, std::size_t m)
        : handler(std::move(h)), faults(f), most(m), acceptor(context) {}

    void accept_loop();
    void serve(Connection& connection);
    void answer_until_closed(Wire& stream);
    bool write_reply(Wire& wire, WireReply reply);
    bool write_pieces(Wire& wire, WireReply reply, const PieceSource& pieces);
    void reap(std::list<Connection>& ended);

    Handler handler;
    const Faults* faults;
    std::shared_ptr<TlsIdentity> identity;  // null: plain
    Stopper leaving;                        // stopped while closed
    const std::size_t most;
    asio::io_context context;
    tcp::acceptor acceptor;
    std::uint16_t port = 0;
    std::thread accepting;
    std::mutex mutex;
    std::list<Connection> connections;
    bool closing = false;
};

HttpEndpoint::HttpEndpoint(Handler handler, const Faults* faults, std::size_t most)
    : impl_(std::make_unique<Impl>(std::move(handler), faults, most)) {}

HttpEndpoint::~HttpEndpoint() { close(); }

std::uint16_t HttpEndpoint::port() const { return impl_->port; }

Result<> HttpEndpoint::speak_tls(const TlsFiles& files) {
    Result<std::shared_ptr<TlsIdentity>> identity = TlsIdentity::load(files);
    if (!identity) {
        return identity.error();
    }
    impl_->identity = *std::move(identity);
    return {};
}

Result<> HttpEndpoint::listen(const std::string& address, std::uint16_t port) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor& acceptor = impl_->acceptor;
    if (!error) {
        acceptor.open(endpoint.protocol(), error);
    }
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        return Error(
            ErrorKind::kUnavailable,
            "cannot listen on " + address + ":" + std::to_string(port) + ": " + error.message()
        );
    }
    impl_->port = acceptor.local_endpoint().port();
    impl_->closing = false;
    impl_->leaving.reset();
    impl_->accepting = std::thread([this] { impl_->accept_loop(); });
    return {};
}

void HttpEndpoint::close() {
    std::list<Impl::Connection> ended;
    impl_->leaving.stop();
    {
        const std::scoped_lock lock(impl_->mutex);
        impl_->closing = true;
        for (Impl::Connection& connection : impl_->connections) {
            if (!connection.done) {
                ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
            }
        }
    }
    if (impl_->accepting.joinable()) {
        // Wakes the blocked accept().
        ::shutdown(impl_->acceptor.native_handle(), SHUT_RDWR);
        impl_->accepting.join();
        boost::system::error_code ignored;
        impl_->acceptor.close(ignored);
    }
    {
        const std::scoped_lock lock(impl_->mutex);
        ended.swap(impl_->connections);
    }
    for (Impl::Connection& connection : ended) {
        connection.thread.join();
    }
}

void HttpEndpoint::Impl::accept_loop() {
    for (;;) {
        boost::system::error_code error;
        tcp::socket socket = acceptor.accept(error);
        std::list<Connection> ended;
        {
            const std::scoped_lock lock(mutex);
            if (closing) {
                return;
            }
            if (!error) {
                Connection& connection = connections.emplace_back(std::move(socket));
                connection.thread = std::thread([this, &connection] { serve(connection); });
            }
            reap(ended);
        }
        for (Connection& connection : ended) {
            connection.thread.join();
        }
    }
}

void HttpEndpoint::Impl::reap(std::list<Connection>& ended) {
    for (auto it = connections.begin(); it != connections.end();) {
        const auto next = std::next(it);
        if (it->done) {
            ended.splice(ended.end(), connections, it);
        }
        it = next;
    }
}

void HttpEndpoint::Impl::serve(Connection& connection) {
    boost::system::error_code error;
    connection.socket.set_option(tcp::no_delay(true), error);
    {
        const std::unique_ptr<Wire> wire =
            identity ? identity->accept(connection.socket) : plain_wire(connection.socket);
        if (wire) {
            answer_until_closed(*wire);
        }
    }
    const std::scoped_lock lock(mutex);
    boost::system::error_code ignored;
    connection.socket.close(ignored);
    connection.done = true;
}

void HttpEndpoint::Impl::answer_until_closed(Wire& stream) {
    boost::system::error_code error;
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(most);
        parser.header_limit(kMostHead);
        http::read(stream, buffer, parser, error);
        if (error == http::error::body_limit) {
            refuse(stream, "413 Request Entity Too Large");
            drain(stream);
            return;
        }
        if (error) {
            if (error.category() == make_error_code(http::error::bad_version).category() &&
                error != http::error::end_of_stream && error != http::error::partial_message) {
                refuse(stream, "400 Bad Request");
            }
            return;
        }
        WireRequest wire = parser.release();
        if (faults != nullptr && faults->latency_ms > 0 &&
            leaving.wait_for(std::chrono::milliseconds(faults->latency_ms))) {
            return;
        }
        const bool is_head = wire.method() == http::verb::head;
        HttpReply answer = handler(to_request(wire));
        const PieceSource pieces = is_head ? PieceSource() : std::move(answer.pieces);
        WireReply reply = to_wire(std::move(answer), wire);
        if (is_head) {
            reply.body().clear();
        }
        const bool keep = reply.keep_alive();
        const bool whole = pieces ? write_pieces(stream, std::move(reply), pieces)
                                  : write_reply(stream, std::move(reply));
        if (!whole || !keep) {
            return;
        }
    }
}

bool HttpEndpoint::Impl::write_pieces(Wire& wire, WireReply reply, const PieceSource& pieces) {
    std::string piece = std::move(reply.body());
    reply.body().clear();
    reply.erase(http::field::content_length);
    reply.chunked(true);
    std::ostringstream head;
    head << reply.base();
    boost::system::error_code error;
    asio::write(wire, asio::buffer(head.str()), error);
    for (bool more = true; more && !error;) {
        if (!piece.empty()) {
            asio::write(wire, http::make_chunk(asio::buffer(piece)), error);
        } else if (wire.reader_left()) {
            return false;
        }
        piece.clear();
        more = !error && pieces(piece, leaving);
    }
    if (!piece.empty() && !error) {
        asio::write(wire, http::make_chunk(asio::buffer(piece)), error);
    }
    if (!error) {
        asio::write(wire, http::make_chunk_last(), error);
    }
    return !error;
}

bool HttpEndpoint::Impl::write_reply(Wire& wire, WireReply reply) {
    const auto limit_of = [&](std::int64_t after) {
        const bool reached = after >= 0 && static_cast<std::size_t>(after) < reply.body().size();
        return reached ? static_cast<std::size_t>(after) : std::string::npos;
    };
    const std::size_t stall = limit_of(faults == nullptr ? -1 : faults->stall_after_bytes.load());
    const std::size_t cut = limit_of(faults == nullptr ? -1 : faults->cut_after_bytes.load());
    std::ostringstream head;
    head << reply.base();
    const std::string header = head.str();
    const std::string& body = reply.body();
    const std::size_t size = std::min({stall, cut, body.size()});
    const std::array<asio::const_buffer, 2> pieces = {
        asio::buffer(header), asio::buffer(body.data(), size)
    };
    boost::system::error_code error;
    asio::write(wire, pieces, error);
    if (size == cut) {
        return false;
    }
    if (size == stall && !error) {
        // Until the reader gives up.
        std::array<char, 256> sink{};
        while (!error) {
            wire.read_some(asio::buffer(sink), error);
        }
    }
    return !error;
}

}  // namespace meshscope::demo
