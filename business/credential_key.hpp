#pragma once

#include "async/caller.hpp"

#include <string>
#include <string_view>

namespace meshscope::business {

// Makes the keys by which credentials are told apart in caches: a hash with a random key of this
// process, so that neither a token nor anything that could be tried against one is kept. Usable
// from every thread.
class CredentialKeys {
 public:
    CredentialKeys();

    // 64 hex digits of everything in `credentials` but its key.
    [[nodiscard]] std::string of(const CallerCredentials& credentials) const;
    [[nodiscard]] std::string of_token(std::string_view token) const;

 private:
    [[nodiscard]] std::string hash(std::string_view text) const;
    std::string key_;
};

// A version 4 UUID from the system's random numbers.
std::string random_uuid();

}  // namespace meshscope::business
