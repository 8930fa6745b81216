#pragma once

#include "tests/support/scripted_server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::test {

struct Http2Frame {
    enum Type : std::uint8_t {
        kData = 0,
        kHeaders = 1,
        kReset = 3,
        kSettings = 4,
        kPing = 6,
        kGoAway = 7,
    };
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
};

// HTTP/2 by hand on a scripted connection: enough to answer a gRPC client, and to do it wrong.
class Http2Peer {
 public:
    static constexpr std::uint8_t kAck = 1;
    static constexpr std::uint8_t kEndStream = 1;
    static constexpr std::uint8_t kEndHeaders = 4;
    enum ErrorCode : std::uint32_t { kNoError = 0, kRefusedStream = 7, kEnhanceYourCalm = 11 };

    explicit Http2Peer(Peer& peer) : peer_(peer) {}

    // Reads the client's preface and sends our settings: pairs of identifier and value. False when
    // the client has gone.
    bool open(std::string_view settings = "") {
        constexpr std::size_t kPreface = 24;
        while (received_.size() < kPreface) {
            if (!more()) {
                return false;
            }
        }
        received_.erase(0, kPreface);
        return send({Http2Frame::kSettings, 0, 0, std::string(settings)});
    }

    // The next frame that is no chatter (settings are acknowledged on the way); nothing when the
    // client has gone.
    std::optional<Http2Frame> next() {
        for (;;) {
            while (received_.size() < 9 || received_.size() < 9 + length()) {
                if (!more()) {
                    return std::nullopt;
                }
            }
            Http2Frame frame;
            frame.type = byte(3);
            frame.flags = byte(4);
            frame.stream = number(5) & 0x7FFFFFFFU;
            frame.payload = received_.substr(9, length());
            received_.erase(0, 9 + frame.payload.size());
            const bool settings = frame.type == Http2Frame::kSettings;
            if (settings && (frame.flags & kAck) == 0) {
                send({Http2Frame::kSettings, kAck, 0, ""});
            }
            if (!settings) {
                return frame;
            }
        }
    }

    // The stream of the next call; 0 when the client has gone. Other frames are counted and passed.
    std::uint32_t next_call() {
        while (auto frame = next()) {
            pings_ += frame->type == Http2Frame::kPing ? 1 : 0;
            if (frame->type == Http2Frame::kHeaders) {
                return frame->stream;
            }
        }
        return 0;
    }
    [[nodiscard]] int pings() const { return pings_; }

    bool send(const Http2Frame& frame) {
        std::string bytes = big_endian(static_cast<std::uint32_t>(frame.payload.size())).substr(1);
        bytes += static_cast<char>(frame.type);
        bytes += static_cast<char>(frame.flags);
        return peer_.send(bytes + big_endian(frame.stream) + frame.payload);
    }
    // A whole successful gRPC answer of one message.
    bool answer(std::uint32_t stream, std::string_view message) {
        // Literals without indexing: ":status 200" and names of the static table where there are.
        const std::string head = "\x88" + std::string("\x0F\x10\x10") + "application/grpc";
        const std::string tail = std::string("\0\x0B", 2) + "grpc-status" + "\x01" + "0";
        const std::string body = std::string(1, '\0') +
                                 big_endian(static_cast<std::uint32_t>(message.size())) +
                                 std::string(message);
        return send({Http2Frame::kHeaders, kEndHeaders, stream, head}) &&
               send({Http2Frame::kData, 0, stream, body}) &&
               send({Http2Frame::kHeaders, kEndHeaders | kEndStream, stream, tail});
    }
    // No stream above `last` is served.
    bool go_away(std::uint32_t last, ErrorCode code, std::string_view debug = "") {
        return send(
            {Http2Frame::kGoAway, 0, 0, big_endian(last) + big_endian(code) + std::string(debug)}
        );
    }
    bool reset(std::uint32_t stream, ErrorCode code) {
        return send({Http2Frame::kReset, 0, stream, big_endian(code)});
    }

    static std::string big_endian(std::uint32_t value) {
        std::string bytes;
        for (unsigned shift : {24U, 16U, 8U, 0U}) {
            bytes += static_cast<char>(value >> shift & 0xFFU);
        }
        return bytes;
    }
    // SETTINGS_INITIAL_WINDOW_SIZE.
    static std::string initial_window(std::uint32_t bytes) {
        return std::string("\0\4", 2) + big_endian(bytes);
    }

 private:
    bool more() {
        const std::string bytes = peer_.read_some();
        received_ += bytes;
        return !bytes.empty();
    }
    [[nodiscard]] std::uint8_t byte(std::size_t at) const {
        return static_cast<std::uint8_t>(received_[at]);
    }
    [[nodiscard]] std::uint32_t number(std::size_t at) const {
        return static_cast<std::uint32_t>(byte(at)) << 24U |
               static_cast<std::uint32_t>(byte(at + 1)) << 16U |
               static_cast<std::uint32_t>(byte(at + 2)) << 8U | byte(at + 3);
    }
    [[nodiscard]] std::size_t length() const { return number(0) >> 8U; }

    Peer& peer_;
    std::string received_;
    int pings_ = 0;
};

}  // namespace meshscope::test
