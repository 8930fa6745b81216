#include "clients/kubernetes/decode.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::size_t kFirstSweep = 1'024;

struct Hash {
    using is_transparent = void;
    template <class Set>
    static std::size_t of(const Set& labels) {
        constexpr std::size_t kMix = 0x9E3779B97F4A7C15ULL;
        const std::hash<std::string_view> hash;
        std::size_t sum = labels.size();
        for (const auto& [key, value] : labels) {
            sum = (sum ^ hash(key)) * kMix;
            sum = (sum ^ hash(value)) * kMix;
        }
        return sum ^ (sum >> 32U);
    }
    std::size_t operator()(const models::Labels& labels) const { return of(*labels); }
    std::size_t operator()(const LabelViews& labels) const { return of(labels); }
};

struct Same {
    using is_transparent = void;
    bool operator()(const models::Labels& a, const models::Labels& b) const { return *a == *b; }
    bool operator()(const LabelViews& a, const models::Labels& b) const {
        return std::equal(
            a.begin(),
            a.end(),
            b->begin(),
            b->end(),
            [](const auto& x, const auto& y) { return x.first == y.first && x.second == y.second; }
        );
    }
    bool operator()(const models::Labels& a, const LabelViews& b) const { return (*this)(b, a); }
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

models::Labels Interner::labels(const LabelViews& set) {
    const auto known = state_->sets.find(set);
    return known != state_->sets.end() ? *known : labels(models::LabelSet(set.begin(), set.end()));
}

void Interner::sweep() {
    std::erase_if(state_->sets, [](const models::Labels& set) { return set.use_count() == 1; });
}

}  // namespace meshscope::clients::kubernetes
