#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace meshscope::models {

// What others have worked out from an object that never changes, kept as long as the object: at
// most one value of each type. Thread-safe; not copied with its object.
class Memo {
 public:
    Memo() = default;
    Memo(const Memo& /*other*/) {}
    Memo& operator=(const Memo& /*other*/) { return *this; }
    ~Memo() = default;

    // The value of type T: `make()` the first time. Whoever asks meanwhile waits for it, so what
    // takes long is asked for on a worker only.
    template <class T, class Make>
    std::shared_ptr<const T> get(Make make) const {
        const std::scoped_lock lock(mutex_);
        for (const auto& [type, value] : values_) {
            if (type == &kType<T>) {
                return std::static_pointer_cast<const T>(value);
            }
        }
        auto made = std::make_shared<const T>(make());
        values_.emplace_back(&kType<T>, made);
        return made;
    }

 private:
    template <class T>
    static inline const char kType = 0;  // its address stands for the type

    mutable std::mutex mutex_;
    mutable std::vector<std::pair<const void*, std::shared_ptr<const void>>> values_;
};

}  // namespace meshscope::models
