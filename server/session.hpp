#pragma once

// The session itself, a template on its stream. Private to server/: instantiated in
// session_plain.cpp and session_tls.cpp only.

#include "server/session_base.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::server {

// How the two kinds of stream differ:
//   Awaitable<bool> open();           // the handshake; false when it failed
//   void close_sending(keep);         // no more bytes from us; starts what is needed and returns;
//                                     // `keep` holds the session as long as that takes
//   TcpSocket& socket();
//   stream()                          // async_read_some, async_write_some
template <class Transport>
class Session final : public SessionBase, public std::enable_shared_from_this<Session<Transport>> {
 public:
    template <class... Args>
    Session(Worker& worker, ConnectionTicket ticket, std::string peer, bool tls, Args&&... args)
        : SessionBase(worker, std::move(ticket), std::move(peer), tls),
          transport_(std::forward<Args>(args)...) {}

    void start() {
        auto self = this->shared_from_this();
        auto done = [self](std::exception_ptr thrown) { self->ended(thrown); };
        boost::asio::co_spawn(
            worker_.executor(),
            run(),
            boost::asio::bind_cancellation_slot(signal_.slot(), std::move(done))
        );
    }

 private:
    enum class Got { kRequest, kRefused, kClosed };

    Awaitable<> run();
    Awaitable<bool> serve_one();
    // After a cancellation the coroutine stays marked as cancelled: no other handler may run in it.
    [[nodiscard]] bool keeps_alive() const;
    Awaitable<Got> read_head();
    Awaitable<Got> read_body();
    RequestReader::Step advance();
    Awaitable<bool> answer_refusal();

    Awaitable<Response> call_handler();
    Response late_answer();
    void client_left();
    void cancel_handler();

    Awaitable<bool> answer(Response response, bool keep_alive);
    Awaitable<bool> answer_live(Response response, std::shared_ptr<LiveBody> body);
    enum class Live { kMore, kEnd, kGone, kThrew };
    // All of `body` up to its end; adds what was sent to `bytes`.
    Awaitable<Live> write_live(LiveBody& body, ResponseWriter& writer, std::uint64_t& bytes);
    Awaitable<Live> next_live(LiveBody& body, std::string& piece);
    // A body source that throws: before the first byte the answer becomes a 500, later it is cut
    // off, which the client sees by the missing end. False then.
    bool next_piece(
        std::optional<ResponseWriter>& writer, ResponseWriter::Piece& piece, std::uint64_t bytes
    );
    // Closes with a reset: to an HTTP/1.0 client an orderly close would be the end of the body.
    bool abandon(unsigned status, std::uint64_t bytes);
    // The pieces may be compressed to nothing for now; then others get their turn.
    Awaitable<bool> write(std::string_view first, std::string_view second);
    // Closing with unread bytes in the socket would reset the connection, and the client could lose
    // the answer: say that nothing more comes, read what comes, close when the client does.
    Awaitable<> linger();

    Awaitable<> more_bytes();
    // At most one read is under way, also while a handler runs: that is how its client's leaving is
    // seen.
    void start_read();
    void on_read(boost::system::error_code error, std::size_t count);

    void close_now() override;
    void wake_later() override;
    void cancel_handler_later() override;
    int native_socket() override { return transport_.socket().native_handle(); }
    void ended(std::exception_ptr thrown);
    void log_error(std::string_view message, std::string_view error);

    static constexpr std::size_t kMaxDiscarded = 1024 * 1024;

    Transport transport_;
};

}  // namespace meshscope::server
