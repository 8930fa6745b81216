#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::clients::kubernetes {

// Cuts the objects out of a stream of JSON objects that follow each other with anything blank, or
// nothing, between them. Frames on braces and strings only, never on chunks or lines. The outcome
// does not depend on how the bytes are cut. No recursion.
class WatchScanner {
 public:
    class Sink {
     public:
        virtual ~Sink() = default;
        // A whole object; at least 64 bytes behind it are readable. Valid during the call.
        virtual void object(std::string_view json) = 0;
    };
    explicit WatchScanner(Sink& sink, std::size_t largest = 8UL << 20U);

    enum class State : std::uint8_t { kOpen, kBroken, kTooLarge };  // the last two: list again
    State feed(std::string_view bytes);
    [[nodiscard]] bool inside() const;  // an object has begun and not ended: its tail is discarded

 private:
    enum class String : std::uint8_t { kNone, kInside, kEscape };

    std::size_t pass(std::string_view bytes, std::size_t at);  // up to the next mark, and it
    void hand_over(std::string_view bytes, std::size_t begin, std::size_t end);
    void keep(std::string_view bytes);

    Sink& sink_;
    const std::size_t largest_;
    State state_ = State::kOpen;
    std::size_t depth_ = 0;
    String string_ = String::kNone;
    std::string pending_;  // what came of an object in earlier pieces
};

}  // namespace meshscope::clients::kubernetes
