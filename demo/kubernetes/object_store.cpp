#include "demo/kubernetes/object_store.hpp"

#include <algorithm>

namespace meshscope::demo {

ObjectStore::ObjectStore(std::function<std::int64_t()> micros)
    : micros_(std::move(micros)), version_(micros_()), oldest_(version_) {}

std::int64_t ObjectStore::next_version() {
    version_ = std::max(version_ + 1, micros_());
    return version_;
}

void ObjectStore::forget_size(const Object& object) {
    if (object.written) {
        --written_;
        written_bytes_ -= object.members.size();
    }
}

void ObjectStore::put(Object object) {
    ObjectPtr& place = kinds_[object.resource][Key(object.ns, object.name)];
    if (place) {
        forget_size(*place);
    }
    if (object.written) {
        ++written_;
        written_bytes_ += object.members.size();
    }
    object.version = next_version();
    const auto now = std::make_shared<const Object>(std::move(object));
    record({now->version, std::exchange(place, now), now, false});
}

void ObjectStore::remove(const Resource& resource, const std::string& ns, const std::string& name) {
    Kind& kind = kinds_[&resource];
    const auto at = kind.find(Key(ns, name));
    if (at == kind.end()) {
        return;
    }
    const ObjectPtr before = std::move(at->second);
    kind.erase(at);
    forget_size(*before);
    Object last = *before;
    last.version = next_version();
    record({last.version, before, std::make_shared<const Object>(std::move(last)), true});
}

void ObjectStore::record(Change change) {
    changes_.push_back(std::move(change));
    if (changes_.size() > kMostChanges) {
        oldest_ = changes_.front().version;
        changes_.pop_front();
    }
}

void ObjectStore::forget_changes() {
    changes_.clear();
    oldest_ = next_version();
}

ObjectPtr ObjectStore::find(
    const Resource& resource, const std::string& ns, const std::string& name
) const {
    const auto kind = kinds_.find(&resource);
    if (kind == kinds_.end()) {
        return nullptr;
    }
    const auto at = kind->second.find(Key(ns, name));
    return at == kind->second.end() ? nullptr : at->second;
}

Result<std::deque<Change>::const_iterator> ObjectStore::after(std::int64_t version) const {
    if (version > version_) {
        return Error(
            ErrorKind::kInvalidArgument,
            "Too large resource version: " + std::to_string(version) +
                ", current: " + std::to_string(version_)
        );
    }
    if (version < oldest_) {
        return Error(
            ErrorKind::kNotFound,
            "too old resource version: " + std::to_string(version) + " (" +
                std::to_string(oldest_) + ")"
        );
    }
    return std::upper_bound(
        changes_.begin(),
        changes_.end(),
        version,
        [](std::int64_t wanted, const Change& change) { return wanted < change.version; }
    );
}

Result<std::vector<ObjectPtr>> ObjectStore::at(const Resource& resource, std::int64_t version)
    const {
    const auto from = after(version);
    if (!from) {
        return from.error();
    }
    const auto known = kinds_.find(&resource);
    Kind then = known == kinds_.end() ? Kind() : known->second;
    for (auto change = changes_.end(); change != *from;) {
        --change;
        if (change->now->resource != &resource) {
            continue;
        }
        const Key key(change->now->ns, change->now->name);
        if (change->before) {
            then[key] = change->before;
        } else {
            then.erase(key);
        }
    }
    std::vector<ObjectPtr> out;
    out.reserve(then.size());
    for (auto& [key, object] : then) {
        out.push_back(std::move(object));
    }
    return out;
}

Result<std::vector<Change>> ObjectStore::since(const Resource& resource, std::int64_t version)
    const {
    const auto from = after(version);
    if (!from) {
        return from.error();
    }
    std::vector<Change> out;
    for (auto change = *from; change != changes_.end(); ++change) {
        if (change->now->resource == &resource) {
            out.push_back(*change);
        }
    }
    return out;
}

}  // namespace meshscope::demo
