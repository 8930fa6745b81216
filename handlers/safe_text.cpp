#include "handlers/safe_text.hpp"

#include <mutex>
#include <utility>

namespace meshscope::handlers {

namespace {

// Errors are written where no parts are at hand: in the server, too.
struct Current {
    std::mutex mutex;
    std::shared_ptr<const business::Masker> masker = std::make_shared<const business::Masker>();
};

Current& current() {
    static Current instance;
    return instance;
}

}  // namespace

std::string safe_text(std::string_view text) {
    std::shared_ptr<const business::Masker> masker;
    {
        const std::scoped_lock lock(current().mutex);
        masker = current().masker;
    }
    return masker->masked_text(text);
}

void use_for_safe_text(std::shared_ptr<const business::Masker> masker) {
    const std::scoped_lock lock(current().mutex);
    current().masker = std::move(masker);
}

}  // namespace meshscope::handlers
