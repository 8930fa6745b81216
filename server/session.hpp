#pragma once

// The session itself, a template on its stream. Private to server/: instantiated in
// session_plain.cpp and session_tls.cpp only.

#include "server/session_base.hpp"
#include "telemetry/logger.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
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
    Session(Worker& worker, std::string peer, bool tls, Args&&... args)
        : SessionBase(worker, std::move(peer), tls), transport_(std::forward<Args>(args)...) {}

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

    // --- the one coroutine -----------------------------------------------------------------------

    Awaitable<> run() {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        const bool open = co_await transport_.open();
        if (open) {
            bool more = true;
            while (more) {
                more = co_await serve_one();
            }
            if (served_ > 0) {
                co_await linger();
            }
        }
        close_now();
    }

    Awaitable<bool> serve_one() {
        begin_request();
        const Got head = co_await read_head();
        if (head == Got::kClosed) {
            co_return false;
        }
        ++served_;
        if (head == Got::kRefused) {
            co_return co_await answer_refusal();
        }
        std::optional<Response> ready = shared_.dispatcher.begin(exchange_);
        if (ready) {
            // A body that was announced is not read, so nothing can follow it.
            const bool keep = exchange_.facts.body == BodyFraming::kNone && keeps_alive();
            co_return co_await answer(std::move(*ready), keep);
        }
        const Got body = co_await read_body();
        if (body == Got::kClosed) {
            co_return false;
        }
        if (body == Got::kRefused) {
            co_return co_await answer_refusal();
        }
        Response response = co_await call_handler();
        if (gone_) {
            shared_.dispatcher.finish(exchange_, kClientGone, 0);
            co_return false;
        }
        co_return co_await answer(std::move(response), keeps_alive());
    }

    // After a cancellation the coroutine stays marked as cancelled: no other handler may run in it.
    [[nodiscard]] bool keeps_alive() const {
        return exchange_.facts.keep_alive && !draining() && !too_late_;
    }

    Awaitable<Got> read_head() {
        for (;;) {
            if (!in_.empty()) {
                if (phase_ == Phase::kIdle) {
                    enter(Phase::kHead);
                    exchange_.started = shared_.dispatcher.clock().steady_now();
                }
                const RequestReader::Step step = advance();
                if (step == RequestReader::Step::kHead) {
                    exchange_.facts = reader_.facts();
                    co_return Got::kRequest;
                }
                if (step == RequestReader::Step::kRefused) {
                    co_return Got::kRefused;
                }
            }
            if (eof_ || too_slow_) {
                co_return too_slow_ && !eof_ ? Got::kRefused : Got::kClosed;
            }
            co_await more_bytes();
        }
    }

    Awaitable<Got> read_body() {
        if (exchange_.facts.body == BodyFraming::kNone) {
            co_return Got::kRequest;
        }
        enter(Phase::kBody);
        if (exchange_.facts.expects_continue && in_.empty()) {
            const bool sent = co_await write("HTTP/1.1 100 Continue\r\n\r\n", {});
            if (!sent) {
                co_return Got::kClosed;
            }
        }
        for (;;) {
            const RequestReader::Step step = advance();
            if (step == RequestReader::Step::kComplete) {
                co_return Got::kRequest;
            }
            if (step == RequestReader::Step::kRefused) {
                co_return Got::kRefused;
            }
            if (eof_ || too_slow_) {
                co_return too_slow_ && !eof_ ? Got::kRefused : Got::kClosed;
            }
            co_await more_bytes();
        }
    }

    RequestReader::Step advance() {
        const RequestReader::Step step = reader_.advance(in_.view(), exchange_.request);
        in_.consume(reader_.consumed());
        return step;
    }

    Awaitable<bool> answer_refusal() {
        static constexpr FramingError kSlow{
            408, "request_timeout", "the request did not arrive in time"
        };
        exchange_.facts.keep_alive = false;
        Response response =
            shared_.dispatcher.refuse(exchange_, too_slow_ ? kSlow : reader_.refusal());
        co_return co_await answer(std::move(response), false);
    }

    // --- the handler -----------------------------------------------------------------------------

    Awaitable<Response> call_handler() {
        enter(Phase::kHandling);
        if (eof_) {
            // Only an answer that needs no waiting can still reach a client that has closed its
            // side.
            boost::asio::post(worker_.executor(), [self = this->shared_from_this()] {
                self->client_left();
            });
        } else {
            start_read();
        }
        Response response = co_await shared_.dispatcher.handle(exchange_);
        phase_ = Phase::kWriting;
        if (too_late_ || stopped_) {
            co_await boost::asio::this_coro::throw_if_cancelled(false);
            response = late_answer();
        }
        co_return response;
    }

    Response late_answer() {
        if (too_late_) {
            const Error error(ErrorKind::kDeadline, "the request took longer than it may");
            return shared_.dispatcher.refuse(exchange_, 504, error);
        }
        const Error error(ErrorKind::kUnavailable, "the server is stopping");
        return shared_.dispatcher.refuse(exchange_, 503, error);
    }

    void client_left() {
        if (phase_ == Phase::kHandling) {
            gone_ = true;
            signal_.emit(boost::asio::cancellation_type::terminal);
        }
    }

    // --- writing ---------------------------------------------------------------------------------

    Awaitable<bool> answer(Response response, bool keep_alive) {
        enter(Phase::kWriting);
        std::optional<ResponseWriter> writer;
        writer.emplace(
            std::move(response), shared_.dispatcher.write_options(exchange_, keep_alive)
        );
        std::uint64_t bytes = 0;
        unsigned status = writer->status();
        bool sent = false;
        for (bool last = false; !last;) {
            ResponseWriter::Piece piece;
            if (!next_piece(writer, piece, bytes)) {
                co_return abandon(status, bytes);
            }
            status = writer->status();
            last = piece.last;
            sent = co_await write(piece.first, piece.second);
            if (!sent) {
                break;
            }
            bytes += piece.first.size() + piece.second.size();
        }
        shared_.dispatcher.finish(exchange_, sent ? status : kClientGone, bytes);
        co_return sent && writer->keep_alive() && !stopped_;
    }

    // A body source that throws: before the first byte the answer becomes a 500, later it is cut
    // off, which the client sees by the missing end. False then.
    bool next_piece(
        std::optional<ResponseWriter>& writer, ResponseWriter::Piece& piece, std::uint64_t bytes
    ) {
        try {
            piece = writer->next();
            return true;
        } catch (const std::exception& error) {
            log_error("a response body threw", error.what());
        }
        if (bytes > 0) {
            return false;
        }
        const Error error(ErrorKind::kInternal, "internal error, see the server's log");
        Response response = shared_.dispatcher.refuse(exchange_, 500, error);
        writer.emplace(std::move(response), shared_.dispatcher.write_options(exchange_, false));
        piece = writer->next();
        return true;
    }

    bool abandon(unsigned status, std::uint64_t bytes) {
        shared_.dispatcher.finish(exchange_, status, bytes);
        close_now();
        return false;
    }

    // The pieces may be compressed to nothing for now; then others get their turn.
    Awaitable<bool> write(std::string_view first, std::string_view second) {
        if (first.empty() && second.empty()) {
            co_await boost::asio::post(worker_.executor(), use_awaitable);
            co_return true;
        }
        while (!first.empty() || !second.empty()) {
            const std::array<boost::asio::const_buffer, 2> buffers{
                boost::asio::const_buffer(first.data(), first.size()),
                boost::asio::const_buffer(second.data(), second.size())
            };
            auto [error, count] = co_await transport_.stream().async_write_some(
                buffers, boost::asio::as_tuple(use_awaitable)
            );
            if (error) {
                co_return false;
            }
            if (first.size() + second.size() > count) {
                progress();
            }
            const std::size_t of_first = std::min(count, first.size());
            first.remove_prefix(of_first);
            second.remove_prefix(count - of_first);
        }
        co_return true;
    }

    // Closing with unread bytes in the socket would reset the connection, and the client could lose
    // the answer: say that nothing more comes, read what comes, close when the client does.
    Awaitable<> linger() {
        if (eof_) {
            co_return;
        }
        enter(Phase::kLingering);
        transport_.close_sending(this->shared_from_this());
        std::size_t discarded = 0;
        while (!eof_ && discarded < kMaxDiscarded) {
            discarded += in_.view().size();
            in_.consume(in_.view().size());
            co_await more_bytes();
        }
    }

    // --- reading ---------------------------------------------------------------------------------

    Awaitable<> more_bytes() {
        start_read();
        if (reading_) {
            co_await wakeup_.wait();
        }
    }

    // At most one read is under way, also while a handler runs: that is how its client's leaving is
    // seen.
    void start_read() {
        if (reading_ || eof_) {
            return;
        }
        const boost::asio::mutable_buffer room = in_.prepare();
        if (room.size() == 0) {
            eof_ =
                true;  // the limits refuse such a request before; never wait for bytes nobody reads
            return;
        }
        reading_ = true;
        transport_.stream().async_read_some(
            room,
            [self = this->shared_from_this()](boost::system::error_code error, std::size_t count) {
                self->on_read(error, count);
            }
        );
    }

    void on_read(boost::system::error_code error, std::size_t count) {
        reading_ = false;
        in_.commit(count);
        eof_ = eof_ || error.failed();
        if (phase_ != Phase::kHandling) {
            wakeup_.notify();
        } else if (eof_) {
            client_left();
        } else if (may_read_ahead()) {
            start_read();
        }
    }

    // --- the end ---------------------------------------------------------------------------------

    void close_now() override {
        boost::system::error_code ignored;
        transport_.socket().close(ignored);
        eof_ = true;
        wake_later();
    }

    void wake_later() override {
        boost::asio::post(worker_.executor(), [self = this->shared_from_this()] {
            if (self->phase_ != Phase::kHandling) {
                self->wakeup_.notify();
            }
        });
    }

    void cancel_handler_later() override {
        boost::asio::post(worker_.executor(), [self = this->shared_from_this()] {
            if (self->phase_ == Phase::kHandling) {
                self->signal_.emit(boost::asio::cancellation_type::terminal);
            }
        });
    }

    int native_socket() override { return transport_.socket().native_handle(); }

    void ended(std::exception_ptr thrown) {
        close_now();
        if (!thrown) {
            return;
        }
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            log_error("a session threw", error.what());
        }
    }

    void log_error(std::string_view message, std::string_view error) {
        if (telemetry::Logger* logger = shared_.dispatcher.logger()) {
            logger->error(
                message,
                {{"request_id", std::string_view(exchange_.context.request_id)}, {"error", error}}
            );
        }
    }

    static constexpr unsigned kClientGone = 499;  // as logged; never sent
    static constexpr std::size_t kMaxDiscarded = 1024 * 1024;

    Transport transport_;
};

}  // namespace meshscope::server
