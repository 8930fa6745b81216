#include "models/storage.hpp"

#include <cstring>
#include <utility>

namespace meshscope::models {

std::string_view Storage::adopt(std::string bytes) {
    buffers_.push_back(std::make_unique<std::string>(std::move(bytes)));
    buffer_bytes_ += sizeof(std::string) + buffers_.back()->capacity();
    return *buffers_.back();
}

std::string_view Storage::copy(std::string_view bytes) {
    if (bytes.empty()) {
        return {};
    }
    auto* out = static_cast<char*>(arena_.allocate(bytes.size(), 1));
    std::memcpy(out, bytes.data(), bytes.size());
    return {out, bytes.size()};
}

std::size_t Storage::memory_bytes() const {
    return sizeof(Storage) + arena_.memory_bytes() + texts_.memory_bytes() + buffer_bytes_ +
           buffers_.capacity() * sizeof(buffers_[0]);
}

}  // namespace meshscope::models
