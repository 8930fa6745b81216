#pragma once

#include "async/awaitable.hpp"
#include "clients/http/http_client.hpp"
#include "clients/kubernetes/decode.hpp"
#include "clients/kubernetes/next_step.hpp"
#include "clients/kubernetes/watch_scanner.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace meshscope::clients::kubernetes {

// The events of one watch as they come. After an ERROR, or bytes that are no events, nothing more
// is taken.
class WatchSink final : public BodySink, private WatchScanner::Sink {
 public:
    struct Parts {
        const Resource* resource = nullptr;
        Interner* interner = nullptr;
        std::string* resource_version = nullptr;  // moves with each event
        std::function<void()> on_begin;
        std::function<void(WatchEvent)> on_event;  // added, modified, deleted
    };
    explicit WatchSink(Parts parts);

    void begins() override;
    Awaitable<bool> take(std::string bytes) override;

    [[nodiscard]] bool begun() const { return begun_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    // Adds what the events told.
    void describe(Outcome& outcome) const;

 private:
    void object(std::string_view json) override;

    Parts parts_;
    WatchScanner scanner_;
    bool begun_ = false;
    bool ended_ = false;  // by an ERROR
    bool broken_ = false;
    unsigned error_code_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace meshscope::clients::kubernetes
