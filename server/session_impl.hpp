#pragma once

// The members of Session; see session.hpp.

#include "server/live_body.hpp"
#include "server/session.hpp"
#include "telemetry/logger.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace meshscope::server {

template <class Transport>
Awaitable<> Session<Transport>::run() {
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

template <class Transport>
Awaitable<bool> Session<Transport>::serve_one() {
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

template <class Transport>
bool Session<Transport>::keeps_alive() const {
    return exchange_.facts.keep_alive && !draining() && !too_late_;
}

template <class Transport>
Awaitable<typename Session<Transport>::Got> Session<Transport>::read_head() {
    for (;;) {
        if (!in_.empty()) {
            if (phase_ == Phase::kIdle && has_request()) {
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

template <class Transport>
Awaitable<typename Session<Transport>::Got> Session<Transport>::read_body() {
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

template <class Transport>
RequestReader::Step Session<Transport>::advance() {
    const RequestReader::Step step = reader_.advance(in_.view(), exchange_.request);
    in_.consume(reader_.consumed());
    return step;
}

template <class Transport>
Awaitable<bool> Session<Transport>::answer_refusal() {
    static constexpr FramingError kSlow{
        408, "request_timeout", "the request did not arrive in time"
    };
    exchange_.facts.keep_alive = false;
    Response response = shared_.dispatcher.refuse(exchange_, too_slow_ ? kSlow : reader_.refusal());
    co_return co_await answer(std::move(response), false);
}

template <class Transport>
Awaitable<Response> Session<Transport>::call_handler() {
    enter(Phase::kHandling);
    if (eof_) {
        // Only an answer that needs no waiting can still reach a client that has closed its
        // side.
        boost::asio::post(worker_.executor(), [self = this->shared_from_this()] {
            self->client_left();
        });
    } else if (may_read_ahead()) {
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

template <class Transport>
Response Session<Transport>::late_answer() {
    if (too_late_) {
        const Error error(ErrorKind::kDeadline, "the request took longer than it may");
        return shared_.dispatcher.refuse(exchange_, 504, error);
    }
    const Error error(ErrorKind::kUnavailable, "the server is stopping");
    return shared_.dispatcher.refuse(exchange_, 503, error);
}

template <class Transport>
void Session<Transport>::client_left() {
    if (with_others()) {
        gone_ = true;
        cancel_handler();
    }
}

template <class Transport>
void Session<Transport>::cancel_handler() {
    exchange_.cancelled = true;
    signal_.emit(boost::asio::cancellation_type::terminal);
}

template <class Transport>
Awaitable<bool> Session<Transport>::answer(Response response, bool keep_alive) {
    if (auto* live = std::get_if<std::shared_ptr<LiveBody>>(&response.body)) {
        std::shared_ptr<LiveBody> body = *live;
        co_return co_await answer_live(std::move(response), std::move(body));
    }
    enter(Phase::kWriting);
    std::optional<ResponseWriter> writer;
    writer.emplace(std::move(response), shared_.dispatcher.write_options(exchange_, keep_alive));
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
        if (!last) {
            progress();
        }
        bytes += piece.first.size() + piece.second.size();
    }
    shared_.dispatcher.finish(exchange_, sent ? status : kClientGone, bytes);
    co_return sent && writer->keep_alive() && !stopped_;
}

template <class Transport>
Awaitable<bool> Session<Transport>::answer_live(Response response, std::shared_ptr<LiveBody> body) {
    const LivePlace place(shared_);
    if (!place.ok()) {
        const Error error = Error(ErrorKind::kUnavailable, "too many answers are followed at once")
                                .with_code("overloaded");
        Response refusal = shared_.dispatcher.refuse(exchange_, 503, error);
        co_return co_await answer(std::move(refusal), keeps_alive());
    }
    enter(Phase::kWriting);
    ResponseWriter writer(std::move(response), shared_.dispatcher.write_options(exchange_, false));
    const ResponseWriter::Piece head = writer.next();
    std::uint64_t bytes = head.first.size();
    const bool sent = co_await write(head.first, head.second);
    Live how = sent ? Live::kEnd : Live::kGone;
    if (sent && !head.last) {
        how = co_await write_live(*body, writer, bytes);
    }
    if (how == Live::kThrew) {
        co_return abandon(writer.status(), bytes);
    }
    shared_.dispatcher.finish(exchange_, how == Live::kGone ? kClientGone : writer.status(), bytes);
    co_return false;
}

template <class Transport>
Awaitable<typename Session<Transport>::Live> Session<Transport>::write_live(
    LiveBody& body, ResponseWriter& writer, std::uint64_t& bytes
) {
    Live how = Live::kMore;
    while (how == Live::kMore) {
        std::string piece;
        how = co_await next_live(body, piece);
        if (how == Live::kMore || how == Live::kEnd) {
            enter(Phase::kWriting);
            const auto framed = writer.frame(std::move(piece), how == Live::kEnd);
            const bool sent = co_await write(framed.first, framed.second);
            bytes += framed.first.size() + framed.second.size();
            how = sent ? how : Live::kGone;
        }
    }
    enter(Phase::kStreaming);
    co_await body.end();
    co_return how;
}

template <class Transport>
Awaitable<typename Session<Transport>::Live> Session<Transport>::next_live(
    LiveBody& body, std::string& piece
) {
    enter(Phase::kStreaming);
    if (eof_ || draining() || stopped_) {
        co_return eof_ ? Live::kGone : Live::kEnd;
    }
    if (may_read_ahead()) {
        start_read();
    }
    try {
        const bool more = co_await body.next(piece);
        if (gone_) {
            co_return Live::kGone;
        }
        co_return more && !draining() && !stopped_ ? Live::kMore : Live::kEnd;
    } catch (const std::exception& error) {
        log_error("a live body threw", error.what());
    } catch (...) {
        log_error("a live body threw", "something that is no std::exception");
    }
    co_return Live::kThrew;
}

template <class Transport>
bool Session<Transport>::next_piece(
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

template <class Transport>
bool Session<Transport>::abandon(unsigned status, std::uint64_t bytes) {
    shared_.dispatcher.finish(exchange_, status, bytes);
    boost::system::error_code ignored;
    transport_.socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
    close_now();
    return false;
}

template <class Transport>
Awaitable<bool> Session<Transport>::write(std::string_view first, std::string_view second) {
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

template <class Transport>
Awaitable<> Session<Transport>::linger() {
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

template <class Transport>
Awaitable<> Session<Transport>::more_bytes() {
    start_read();
    if (reading_) {
        co_await wakeup_.wait();
    } else {
        eof_ = true;  // a full buffer, which the limits refuse before: nobody will ever read on
    }
}

template <class Transport>
void Session<Transport>::start_read() {
    if (reading_ || eof_) {
        return;
    }
    const boost::asio::mutable_buffer room = in_.prepare();
    if (room.size() == 0) {
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

template <class Transport>
void Session<Transport>::on_read(boost::system::error_code error, std::size_t count) {
    reading_ = false;
    in_.commit(count);
    eof_ = eof_ || error.failed();
    if (!with_others()) {
        wakeup_.notify();
    } else if (eof_) {
        client_left();
    } else if (may_read_ahead()) {
        start_read();
    }
}

template <class Transport>
void Session<Transport>::close_now() {
    boost::system::error_code ignored;
    transport_.socket().close(ignored);
    eof_ = true;
    wake_later();
}

template <class Transport>
void Session<Transport>::wake_later() {
    boost::asio::post(worker_.executor(), [self = this->shared_from_this()] {
        if (!self->with_others()) {
            self->wakeup_.notify();
        }
    });
}

template <class Transport>
void Session<Transport>::cancel_handler_later() {
    boost::asio::post(worker_.executor(), [self = this->shared_from_this()] {
        if (self->with_others()) {
            self->cancel_handler();
        }
    });
}

template <class Transport>
void Session<Transport>::ended(std::exception_ptr thrown) {
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

template <class Transport>
void Session<Transport>::log_error(std::string_view message, std::string_view error) {
    if (telemetry::Logger* logger = shared_.dispatcher.logger()) {
        logger->error(
            message,
            {{"request_id", std::string_view(exchange_.context.request_id)}, {"error", error}}
        );
    }
}

}  // namespace meshscope::server
