#pragma once

#include "tests/support/scripted_server.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace meshscope::test {

// An HTTP server that answers each GET with prepared bytes.
class HttpResponder {
 public:
    enum class Then { kKeepAlive, kStall, kClose };
    struct Answer {
        std::string bytes;  // head and body as they go out
        Then then = Then::kKeepAlive;
    };
    using Handler = std::function<Answer(const std::string& target)>;  // on the server's threads

    explicit HttpResponder(Handler handler)
        : server_([answer = std::move(handler)](Peer& peer) { serve(peer, answer); }) {}

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
    static void serve(Peer& peer, const Handler& handler) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::size_t from = request.find(' ') + 1;
            const Answer answer = handler(request.substr(from, request.find(' ', from) - from));
            if (!peer.send(answer.bytes) || answer.then == Then::kClose) {
                return;
            }
            if (answer.then == Then::kStall) {
                peer.wait_for_close();
                return;
            }
        }
    }

    ScriptedServer server_;
};

}  // namespace meshscope::test
