#include "models/text_index.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace meshscope::models {

namespace {

constexpr std::size_t kFirstSets = 1024;
constexpr std::size_t kMostSets = 2 * 1024;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 29U);
}

std::uint64_t load(const char* from, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
}

}  // namespace

std::uint64_t TextIndex::hash_of(std::string_view text) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t hash = mix(0x2545F4914F6CDD1DULL, left);
    for (; left > kWord; left -= kWord, at += kWord) {
        hash = mix(hash, load(at, kWord));
    }
    hash = text.size() >= kWord ? mix(hash, load(at + left - kWord, kWord))
                                : mix(hash, load(at, left));
    return mix(hash, 0);
}

bool TextIndex::same(const char* data, std::string_view text) {
    return data != nullptr && std::memcmp(data, text.data(), text.size()) == 0;
}

TextIndex::Slot* TextIndex::set_of(std::uint64_t hash) {
    if (slots_.empty()) {
        slots_.resize(kFirstSets * kWays);
    }
    const std::size_t sets = slots_.size() / kWays;
    return &slots_[(hash & (sets - 1)) * kWays];
}

void TextIndex::promote(Slot* set, std::size_t way) {
    if (way > 0) {
        std::swap(set[way], set[way - 1]);
    }
}

void TextIndex::insert(std::uint64_t hash, Slot slot) {
    if (++inserted_ > slots_.size() / 2 && slots_.size() < kMostSets * kWays) {
        grow();
    }
    Slot* set = set_of(hash);
    Slot* place = std::find_if(set, set + kWays, [](const Slot& s) { return s.data == nullptr; });
    *(place == set + kWays ? place - 1 : place) = slot;
}

void TextIndex::grow() {
    std::vector<Slot> before(slots_.size() * 2);
    before.swap(slots_);
    inserted_ = 0;
    for (const Slot& slot : before) {
        if (slot.data != nullptr) {
            const std::string_view text(slot.data, slot.size);
            insert(hash_of(text), slot);
        }
    }
}

void TextIndex::clear() {
    std::vector<Slot>().swap(slots_);
    inserted_ = 0;
}

}  // namespace meshscope::models
