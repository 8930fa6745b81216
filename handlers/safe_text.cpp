#include "handlers/safe_text.hpp"

#include "business/masking.hpp"

namespace meshscope::handlers {

std::string safe_text(std::string_view text) {
    static const business::Masker kMasker;
    return kMasker.masked_text(text);
}

}  // namespace meshscope::handlers
