#pragma once

#include "models/arena.hpp"
#include "models/tag.hpp"
#include "models/text_index.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::models {

// Owns the bytes that spans and tags point into. Never changes once its traces are handed out.
class Storage {
 public:
    // Keeps `bytes` alive; the returned view stays valid as long as the Storage.
    std::string_view adopt(std::string bytes);
    std::string_view copy(std::string_view bytes);
    // The same, but equal texts are mostly kept once: for names and values that repeat from span to
    // span. Cheap for those that do not.
    std::string_view intern(std::string_view bytes) {
        bool is_new = false;
        return intern(bytes, is_new);
    }
    // `is_new`: an equal text was not found.
    std::string_view intern(std::string_view bytes, bool& is_new) {
        is_new = true;
        if (bytes.size() - 1 >= TextIndex::kLongestText) {  // empty ones too
            return copy(bytes);
        }
        is_new = false;
        return texts_.find(bytes, [&](std::string_view text) {
            is_new = true;
            return copy(text);
        });
    }
    // To be called when all texts are there: gives back what interning needed.
    void drop_index() { texts_.clear(); }

    template <class T>
    Slice<T> copy(const std::vector<T>& items, std::size_t from = 0) {
        if (items.size() <= from) {
            return {};
        }
        const std::size_t count = items.size() - from;
        auto* out = static_cast<T*>(arena_.allocate(count * sizeof(T), alignof(T)));
        std::uninitialized_copy_n(items.data() + from, count, out);
        return {out, static_cast<std::uint32_t>(count)};
    }
    // All that it holds, in bytes of the heap.
    [[nodiscard]] std::size_t memory_bytes() const;

 private:
    std::vector<std::unique_ptr<std::string>> buffers_;
    std::size_t buffer_bytes_ = 0;
    Arena arena_;
    TextIndex texts_;
};

}  // namespace meshscope::models
