#include "models/trace.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace meshscope::models {

namespace {

std::uint16_t key_size(std::string_view key) {
    return static_cast<std::uint16_t>(std::min<std::size_t>(key.size(), 0xFFFF));
}

std::uint32_t value_size(std::string_view value) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(value.size(), 0xFFFFFFFF));
}

}  // namespace

Tag Tag::string(std::string_view key, std::string_view value, bool verbatim) {
    Tag tag;
    tag.key_ = key.data();
    tag.key_size_ = key_size(key);
    tag.value_.text = value.data();
    tag.value_size_ = value_size(value);
    tag.verbatim_ = verbatim;
    return tag;
}

Tag Tag::binary(std::string_view key, std::string_view bytes) {
    Tag tag = string(key, bytes);
    tag.type_ = ValueType::kBinary;
    return tag;
}

Tag Tag::boolean(std::string_view key, bool value) {
    Tag tag = integer(key, value ? 1 : 0);
    tag.type_ = ValueType::kBool;
    return tag;
}

Tag Tag::integer(std::string_view key, std::int64_t value) {
    Tag tag;
    tag.key_ = key.data();
    tag.key_size_ = key_size(key);
    tag.value_.integer = value;
    tag.type_ = ValueType::kInt64;
    return tag;
}

Tag Tag::number(std::string_view key, double value) {
    Tag tag;
    tag.key_ = key.data();
    tag.key_size_ = key_size(key);
    tag.value_.number = value;
    tag.type_ = ValueType::kFloat64;
    return tag;
}

std::string_view Storage::adopt(std::string bytes) {
    buffers_.push_back(std::make_unique<std::string>(std::move(bytes)));
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

std::string_view Storage::intern(std::string_view bytes) {
    const auto known = interned_.find(bytes);
    if (known != interned_.end()) {
        return *known;
    }
    return *interned_.insert(copy(bytes)).first;
}

void* CountingResource::do_allocate(std::size_t bytes, std::size_t alignment) {
    void* memory = std::pmr::new_delete_resource()->allocate(bytes, alignment);
    bytes_ += bytes;
    return memory;
}

void CountingResource::do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) {
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
    bytes_ -= bytes;
}

std::size_t Storage::memory_bytes() const {
    // A node of the index: the view, its hash, the link, and what malloc adds.
    constexpr std::size_t kIndexEntry = sizeof(std::string_view) + 4 * sizeof(void*);
    std::size_t bytes = sizeof(Storage) + heap_.bytes() + interned_.size() * kIndexEntry +
                        interned_.bucket_count() * sizeof(void*);
    bytes += buffers_.capacity() * sizeof(buffers_[0]);
    for (const auto& buffer : buffers_) {
        bytes += sizeof(*buffer) + buffer->capacity();
    }
    return bytes;
}

std::int64_t nanos_between(std::int64_t from, std::int64_t to) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(to, from, &difference)) {
        return difference;
    }
    return to < from ? std::numeric_limits<std::int64_t>::min()
                     : std::numeric_limits<std::int64_t>::max();
}

std::int64_t Trace::end_ns() const {
    std::int64_t end = std::numeric_limits<std::int64_t>::min();
    for (const Span& span : spans) {
        const bool overflow =
            span.start_ns > std::numeric_limits<std::int64_t>::max() - span.duration_ns;
        end = std::max(
            end,
            overflow ? std::numeric_limits<std::int64_t>::max() : span.start_ns + span.duration_ns
        );
    }
    return end;
}

std::size_t Trace::memory_bytes() const {
    std::size_t bytes = sizeof(Trace) + spans.capacity() * sizeof(Span) +
                        processes.capacity() * sizeof(Process) +
                        warnings.capacity() * sizeof(std::string);
    for (const std::string& warning : warnings) {
        bytes += warning.capacity();
    }
    return bytes + (storage ? storage->memory_bytes() : 0);
}

}  // namespace meshscope::models
