#include "clients/kubernetes/decode.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::size_t kFirstSweep = 1'024;

class Sum {
 public:
    Sum& add(std::size_t number) {
        constexpr std::size_t kMix = 0x9E3779B97F4A7C15ULL;
        sum_ = (sum_ ^ number) * kMix;
        return *this;
    }
    Sum& add(std::string_view text) { return add(std::hash<std::string_view>()(text)); }
    [[nodiscard]] std::size_t value() const { return sum_ ^ (sum_ >> 32U); }

 private:
    std::size_t sum_ = 0;
};

template <class Set>
std::size_t hash_of_labels(const Set& labels) {
    Sum sum;
    for (const auto& [key, value] : labels) {
        sum.add(key).add(value);
    }
    return sum.value();
}
std::size_t hash_of(const models::LabelSet& labels) { return hash_of_labels(labels); }
std::size_t hash_of(const LabelViews& labels) { return hash_of_labels(labels); }

std::size_t hash_of(const models::ContainerList& list) {
    Sum sum;
    for (const models::Container& one : list) {
        const unsigned flags = (one.init ? 1U : 0U) | (one.always ? 2U : 0U) |
                               (one.injected ? 4U : 0U) | (one.ready ? 8U : 0U);
        sum.add(one.name).add(one.image).add(flags);
    }
    return sum.value();
}

std::size_t hash_of(const models::OwnerRef& owner) {
    return Sum().add(owner.uid).add(owner.name).add(owner.kind.kind).value();
}

bool is_same(const LabelViews& a, const models::LabelSet& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && x.second == y.second;
    });
}
template <class Value>
bool is_same(const Value& a, const Value& b) {
    return a == b;
}

// Values that are kept once, found by themselves or by what reads like them.
template <class Value>
class Pool {
 public:
    using Ptr = std::shared_ptr<const Value>;

    Ptr keep(Value value) {
        if (const auto known = values_.find(value); known != values_.end()) {
            return *known;
        }
        if (values_.size() >= next_sweep_) {
            sweep();
            next_sweep_ = std::max(kFirstSweep, 2 * values_.size());
        }
        return *values_.insert(std::make_shared<const Value>(std::move(value))).first;
    }
    template <class Key>
    [[nodiscard]] Ptr find(const Key& key) const {  // null: not known
        const auto known = values_.find(key);
        return known == values_.end() ? nullptr : *known;
    }
    void sweep() {
        std::erase_if(values_, [](const Ptr& value) { return value.use_count() == 1; });
    }

 private:
    static const Value& seen(const Ptr& value) { return *value; }
    template <class Key>
    static const Key& seen(const Key& key) {
        return key;
    }
    struct Hash {
        using is_transparent = void;
        template <class Key>
        std::size_t operator()(const Key& key) const {
            return hash_of(seen(key));
        }
    };
    struct Same {
        using is_transparent = void;
        template <class A>
        bool operator()(const A& a, const Ptr& b) const {
            return is_same(seen(a), *b);
        }
        template <class B>
        bool operator()(const Ptr& a, const B& b) const {
            return is_same(seen(b), *a);
        }
        bool operator()(const Ptr& a, const Ptr& b) const { return *a == *b; }
    };
    std::unordered_set<Ptr, Hash, Same> values_;
    std::size_t next_sweep_ = kFirstSweep;
};

}  // namespace

struct Interner::State {
    Pool<models::LabelSet> labels;
    Pool<models::ContainerList> containers;
    Pool<models::OwnerRef> owners;
};

Interner::Interner() : state_(std::make_unique<State>()) {}
Interner::~Interner() = default;

models::Labels Interner::labels(models::LabelSet set) {
    return set.empty() ? models::no_labels() : state_->labels.keep(std::move(set));
}

models::Labels Interner::labels(const LabelViews& set) {
    models::Labels known = state_->labels.find(set);
    return known ? known : labels(models::LabelSet(set.begin(), set.end()));
}

models::Containers Interner::containers(models::ContainerList list) {
    return list.empty() ? models::no_containers() : state_->containers.keep(std::move(list));
}

models::OwnerPtr Interner::owner(models::OwnerRef owner) {
    return state_->owners.keep(std::move(owner));
}

void Interner::sweep() {
    state_->labels.sweep();
    state_->containers.sweep();
    state_->owners.sweep();
}

}  // namespace meshscope::clients::kubernetes
