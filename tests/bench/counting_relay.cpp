#include "tests/bench/counting_relay.hpp"

#include "tests/bench/process.hpp"
#include "tests/bench/sockets.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <thread>
#include <utility>

namespace meshscope::bench {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

void CountingRelay::State::begin(bool is_query) {
    const std::scoped_lock lock(mutex);
    if (in_flight == 0) {
        busy_since = Clock::now();
    }
    ++in_flight;
    most = std::max<std::size_t>(most, in_flight);
    queries += is_query ? 1 : 0;
}

void CountingRelay::State::end() {
    const std::scoped_lock lock(mutex);
    --in_flight;
    if (in_flight == 0) {
        busy += Clock::now() - busy_since;
    }
}

CountingRelay::CountingRelay(std::uint16_t upstream, std::chrono::microseconds pause)
    : state_(std::make_shared<State>()) {
    state_->upstream = upstream;
    state_->pause = pause;
    state_->port = free_port();
    std::thread([state = state_] {
        serve_connections(state->port, [state](Connection& client) { relay(client, *state); });
    }).detach();
    wait_for_port(state_->port);
}

void CountingRelay::relay(Connection& client, State& state) {
    Connection upstream = Connection::open(state.upstream);
    while (true) {
        const std::string request = client.read_message();
        if (request.empty()) {
            return;
        }
        state.begin(request.find(" /api/v1/query") < request.find("\r\n"));
        std::string answer;
        try {
            upstream.send(request);
            answer = upstream.read_message();
            std::this_thread::sleep_for(state.pause);
        } catch (const std::exception&) {
            state.end();
            throw;
        }
        state.end();
        client.send(answer);
    }
}

double CountingRelay::busy_ms() const {
    const std::scoped_lock lock(state_->mutex);
    return std::chrono::duration<double, std::milli>(state_->busy).count();
}

void CountingRelay::reset() {
    const std::scoped_lock lock(state_->mutex);
    state_->busy = {};
    state_->most = 0;
    state_->queries = 0;
}

}  // namespace meshscope::bench
