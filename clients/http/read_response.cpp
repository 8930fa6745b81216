#include "clients/http/read_response.hpp"

#include "async/with_deadline.hpp"

#include <boost/asio/error.hpp>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace meshscope::clients {

namespace {

constexpr std::size_t kReadSize = 64UL * 1024;

Fault unwanted_fault() {
    Fault fault;
    fault.kind = ErrorKind::kTooLarge;
    fault.cause = "the rest of the body was not wanted";
    return fault;
}

Fault stalled_fault(std::chrono::milliseconds silence) {
    Fault fault;
    fault.kind = ErrorKind::kDeadline;
    fault.cause = "nothing has come for " + std::to_string(silence.count()) + " ms";
    fault.code = kStalledCode;
    return fault;
}

// Looks for a cancel itself: one that comes while this is about to begin reaches no operation.
Awaitable<Received> receive(Transport& transport, std::span<char> buffer) {
    const bool cancelled = co_await is_cancelled();
    if (cancelled) {
        co_return Received{boost::asio::error::operation_aborted, 0};
    }
    co_return co_await transport.read_some(buffer);
}

Awaitable<std::optional<Fault>> read_more(
    Transport& transport,
    ResponseReader& reader,
    std::span<char> buffer,
    std::chrono::milliseconds silence
) {
    Awaitable<Received> reading = receive(transport, buffer);
    Received received;
    if (silence.count() > 0) {
        const Deadline patience = Deadline::after(std::chrono::steady_clock::now(), silence);
        const auto read = co_await bounded<Received>(patience, std::move(reading));
        received = read.value;
        if (received.error && read.deadline_passed) {
            co_return reader.end(false, stalled_fault(silence));
        }
    } else {
        received = co_await std::move(reading);
    }
    if (received.error == boost::asio::error::operation_aborted) {
        co_return reader.end(false, cancelled_fault());
    }
    if (received.error) {
        const bool orderly = transport.is_orderly_end(received.error);
        co_return reader.end(orderly, transport.explain(received.error));
    }
    co_return reader.feed({buffer.data(), received.size});
}

}  // namespace

Awaitable<std::optional<Fault>> read_header(Transport& transport, ResponseReader& reader) {
    const auto buffer = std::make_unique_for_overwrite<char[]>(kReadSize);
    const std::span<char> room(buffer.get(), kReadSize);
    while (!reader.header_done()) {
        auto fault = co_await read_more(transport, reader, room, std::chrono::milliseconds(0));
        if (fault) {
            co_return fault;
        }
    }
    co_return std::nullopt;
}

Awaitable<std::optional<Fault>> read_body(
    Transport& transport, ResponseReader& reader, BodySink* sink, std::chrono::milliseconds silence
) {
    const auto buffer = std::make_unique_for_overwrite<char[]>(kReadSize);
    const std::span<char> room(buffer.get(), kReadSize);
    for (;;) {
        std::string piece = reader.take_piece();
        if (!piece.empty()) {
            const bool wanted = co_await sink->take(std::move(piece));
            if (!wanted && !reader.done()) {
                co_return reader.end(false, unwanted_fault());
            }
        }
        if (reader.done()) {
            co_return std::nullopt;
        }
        auto fault = co_await read_more(transport, reader, room, silence);
        if (fault) {
            co_return fault;
        }
    }
}

}  // namespace meshscope::clients
