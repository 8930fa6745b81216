#include "handlers/written_tags.hpp"

namespace meshscope::handlers {

void WrittenTags::Entry::meet(const Bits& other) {
    if (worth > 0) {
        --worth;
        return;
    }
    bits = other;
    text.clear();
}

}  // namespace meshscope::handlers
