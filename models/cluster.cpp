#include "models/cluster.hpp"

#include <algorithm>

namespace meshscope::models {

namespace {

const std::pair<std::string, std::string>* find(const LabelSet& labels, std::string_view key) {
    const auto at = std::lower_bound(
        labels.begin(),
        labels.end(),
        key,
        [](const auto& one, std::string_view wanted) { return one.first < wanted; }
    );
    return at != labels.end() && at->first == key ? &*at : nullptr;
}

}  // namespace

const Labels& no_labels() {
    static const Labels kNone = std::make_shared<const LabelSet>();
    return kNone;
}

const Containers& no_containers() {
    static const Containers kNone = std::make_shared<const ContainerList>();
    return kNone;
}

std::string_view label(const LabelSet& labels, std::string_view key) {
    const auto* found = find(labels, key);
    return found == nullptr ? std::string_view() : std::string_view(found->second);
}

bool has_label(const LabelSet& labels, std::string_view key) {
    return find(labels, key) != nullptr;
}

bool selects(const LabelSet& selector, const LabelSet& labels) {
    return !selector.empty() &&
           std::includes(labels.begin(), labels.end(), selector.begin(), selector.end());
}

}  // namespace meshscope::models
