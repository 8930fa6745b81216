#pragma once

#include "core/result.hpp"
#include "demo/kubernetes/object.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::demo {

struct Change {
    std::int64_t version = 0;
    ObjectPtr before;  // null: it was added
    ObjectPtr now;     // never null; of a deleted one the last state with the version of its end
    bool deleted = false;
};

// Objects with resource versions and the changes of late. Versions are microseconds since the
// epoch, so that those of a program that was started again are above those of the one before. Not
// thread-safe.
class ObjectStore {
 public:
    static constexpr std::size_t kMostChanges = 10'000;

    // `micros` gives the time; versions go up even when it does not.
    explicit ObjectStore(std::function<std::int64_t()> micros);

    void put(Object object);  // adds or changes it
    void remove(const Resource& resource, const std::string& ns, const std::string& name);
    void forget_changes();  // as a compaction does: what was before now is too old to be asked for

    // Of the objects that callers have written: how many, bytes of their members.
    [[nodiscard]] std::size_t written() const { return written_; }
    [[nodiscard]] std::size_t written_bytes() const { return written_bytes_; }

    [[nodiscard]] std::int64_t version() const { return version_; }
    [[nodiscard]] ObjectPtr find(
        const Resource& resource, const std::string& ns, const std::string& name
    ) const;  // null when it is not there

    // All of a kind as they were at that version, by namespace and name. kNotFound: the changes
    // since then are forgotten; kInvalidArgument: there is no such version yet.
    [[nodiscard]] Result<std::vector<ObjectPtr>> at(const Resource& resource, std::int64_t version)
        const;
    // Those after that version, in order; errors as at().
    [[nodiscard]] Result<std::vector<Change>> since(const Resource& resource, std::int64_t version)
        const;

 private:
    using Key = std::pair<std::string, std::string>;  // namespace, name
    using Kind = std::map<Key, ObjectPtr>;

    std::int64_t next_version();
    void forget_size(const Object& object);
    void record(Change change);
    [[nodiscard]] Result<std::deque<Change>::const_iterator> after(std::int64_t version) const;

    std::function<std::int64_t()> micros_;
    std::int64_t version_;
    std::int64_t oldest_;  // the changes after this version are all known
    std::map<const Resource*, Kind> kinds_;
    std::deque<Change> changes_;
    std::size_t written_ = 0;
    std::size_t written_bytes_ = 0;
};

}  // namespace meshscope::demo
