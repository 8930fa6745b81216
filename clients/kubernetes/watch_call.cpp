#include "clients/kubernetes/watch_call.hpp"

#include <utility>

namespace meshscope::clients::kubernetes {

WatchSink::WatchSink(Parts parts) : parts_(std::move(parts)), scanner_(*this) {}

void WatchSink::begins() {
    begun_ = true;
    parts_.on_begin();
}

Awaitable<bool> WatchSink::take(std::string bytes) {
    broken_ = broken_ || scanner_.feed(bytes) != WatchScanner::State::kOpen;
    co_return !broken_ && !ended_;
}

void WatchSink::object(std::string_view json) {
    if (ended_) {
        return;
    }
    Result<WatchEvent> event = decode_event(*parts_.resource, json, *parts_.interner);
    if (!event) {
        ++dropped_;
        return;
    }
    using Type = WatchEvent::Type;
    if (event->type == Type::kError) {
        ended_ = true;
        error_code_ = event->code;
        return;
    }
    if (event->type == Type::kUnknown) {
        return;
    }
    if (!event->resource_version.empty()) {
        *parts_.resource_version = event->resource_version;
    }
    if (event->type != Type::kBookmark && event->object) {
        ++events_;
        parts_.on_event(std::move(*event));
    }
}

void WatchSink::describe(Outcome& outcome) const {
    outcome.error_event = error_code_;
    outcome.bare_error_event = ended_ && error_code_ == 0;
    outcome.events = events_;
    outcome.broken = broken_;
}

}  // namespace meshscope::clients::kubernetes
