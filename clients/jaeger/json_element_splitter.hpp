#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// Cuts long arrays out of a JSON document that comes in pieces, so that the document need not exist
// as a whole. The arrays are named by a path: {"data", "spans"} means every array data[*].spans of
// the root object, or of the object `wrapper` in it. Their objects are handed on, whole and as they
// stand; all else is kept, with those arrays left empty: the skeleton, a document to be judged by
// an ordinary parser. What is handed on is not judged either.
//
// However the document is cut into pieces, the outcome is the same. No recursion; memory is the
// skeleton and one element.
class JsonElementSplitter {
 public:
    class Sink {
     public:
        virtual ~Sink() = default;
        // An array begins; `place` is the position of the item in each array on the way to it.
        virtual void begin(std::span<const std::uint32_t> place) = 0;
        // Offers what has come, from the first byte of an element on: the length of the element
        // when the sink has taken it, 0 to be given it by element().
        virtual std::size_t take(std::string_view /*ahead*/) { return 0; }
        // A whole element, from '{' to the brace that closes it.
        virtual void element(std::string_view json) = 0;
    };

    struct Limits {
        std::size_t element_bytes = 16UL * 1024 * 1024;  // longer ones are left out and counted
        std::size_t skeleton_bytes = 32UL * 1024 * 1024;
        bool one_list = false;  // a second array of the first name breaks the document
    };

    enum class State : std::uint8_t {
        kOpen,     // the document has not ended
        kWhole,    // it has; what comes behind it is not looked at
        kBroken,   // it is not JSON where it matters here: nothing more is looked at
        kTooLarge  // the skeleton is
    };

    // `path` has at least one name; names are matched as they stand between the quotes.
    JsonElementSplitter(
        std::vector<std::string> path, std::string wrapper, Limits limits, Sink& sink
    );

    // At least 64 bytes behind `bytes` are readable, here and in the views that the sink is given.
    State feed(std::string_view bytes);

    // To be called once, at the end. A document that is not whole is closed behind the last value
    // that was complete; `open` then says how many containers had to be closed.
    struct Skeleton {
        std::string json;
        std::size_t open = 0;
    };
    [[nodiscard]] Skeleton finish();

    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // elements too long

 private:
    struct Frame {
        bool is_object = false;
        std::uint8_t names = 0;  // of the path, matched on the way here
    };
    // Where in a cut array.
    enum class Item : std::uint8_t { kFirst, kValue, kBehind, kKept };
    enum class String : std::uint8_t { kNone, kInside, kEscape };

    const char* feed_skeleton(const char* at, const char* end);
    const char* feed_array(const char* at, const char* end);
    const char* feed_element(const char* at, const char* end);
    const char* begin_element(const char* at, const char* end);
    const char* pass_string(const char* at, const char* end);
    void structure(char c);
    void open(char bracket);
    void close(char bracket);
    void comma();
    void begin_key();
    void keep(const char* from, const char* to);
    void item_done();
    void element_done(std::string_view json);
    void push(bool is_object, std::uint8_t names);
    void mark_safe();
    [[nodiscard]] bool at_frame() const { return beneath_ == 0; }
    [[nodiscard]] bool in_array() const {
        return at_frame() && !frames_.empty() && is_cut(frames_.back());
    }
    [[nodiscard]] bool is_cut(const Frame& frame) const {
        return !frame.is_object && frame.names == path_.size();
    }

    const std::vector<std::string> path_;
    const std::string wrapper_;
    const Limits limits_;
    Sink& sink_;
    State state_ = State::kOpen;

    std::vector<Frame> frames_;             // the containers on the way to the arrays
    std::vector<std::uint32_t> positions_;  // in the arrays among them
    std::size_t beneath_ = 0;               // containers open that are not on the way
    char beneath_first_ = '{';              // the outermost of them
    String string_ = String::kNone;
    bool expects_key_ = false;
    bool reads_key_ = false;
    std::string key_;

    Item item_ = Item::kFirst;
    bool has_list_ = false;          // of the first name
    bool kept_one_ = false;          // in the cut array
    std::size_t element_depth_ = 0;  // 0: not in an element
    String element_string_ = String::kNone;
    std::string element_;  // what came of it in earlier pieces
    bool element_too_long_ = false;

    std::string skeleton_;
    std::size_t safe_size_ = 0;  // the document can be closed there
    std::string safe_open_;      // what is to be closed
    std::uint64_t left_out_ = 0;
};

}  // namespace meshscope::clients::jaeger
