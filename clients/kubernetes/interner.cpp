#include "clients/kubernetes/decode.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::size_t kFirstSweep = 1'024;

struct Hash {
    std::size_t operator()(const models::Labels& labels) const {
        constexpr std::size_t kMix = 0x9E3779B97F4A7C15ULL;
        const std::hash<std::string_view> hash;
        std::size_t sum = labels->size();
        for (const auto& [key, value] : *labels) {
            sum = (sum ^ hash(key)) * kMix;
            sum = (sum ^ hash(value)) * kMix;
        }
        return sum ^ (sum >> 32U);
    }
};

struct Same {
    bool operator()(const models::Labels& a, const models::Labels& b) const { return *a == *b; }
};

}  // namespace

struct Interner::State {
    std::unordered_set<models::Labels, Hash, Same> sets;
    std::size_t next_sweep = kFirstSweep;
};

Interner::Interner() : state_(std::make_unique<State>()) {}
Interner::~Interner() = default;

models::Labels Interner::labels(models::LabelSet set) {
    if (set.empty()) {
        return models::no_labels();
    }
    if (state_->sets.size() >= state_->next_sweep) {
        sweep();
        state_->next_sweep = std::max(kFirstSweep, 2 * state_->sets.size());
    }
    return *state_->sets.insert(std::make_shared<const models::LabelSet>(std::move(set))).first;
}

void Interner::sweep() {
    std::erase_if(state_->sets, [](const models::Labels& set) { return set.use_count() == 1; });
}

}  // namespace meshscope::clients::kubernetes
