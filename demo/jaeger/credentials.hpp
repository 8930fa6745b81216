#pragma once

#include "core/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// What a caller of the simulated Jaeger must send in `authorization`. Empty: everybody may come in.
class Credentials {
 public:
    void allow_basic(std::string_view user_and_password) {
        accepted_.push_back("Basic " + base64_encode(user_and_password));
    }
    void allow_bearer(std::string_view token) {
        accepted_.push_back("Bearer " + std::string(token));
    }

    [[nodiscard]] bool accept(std::string_view authorization) const {
        return accepted_.empty() ||
               std::find(accepted_.begin(), accepted_.end(), authorization) != accepted_.end();
    }

 private:
    std::vector<std::string> accepted_;
};

}  // namespace meshscope::demo
