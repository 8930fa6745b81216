#include "business/credential_key.hpp"

#include "core/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <stdexcept>

namespace meshscope::business {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kUuidBytes = 16;

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error("the system has no random numbers");
    }
    return bytes;
}

// Its length before each part: ("a", "bc") and ("ab", "c") are different texts.
void append_part(std::string& out, std::string_view part) {
    out.append(std::to_string(part.size())).append(":").append(part);
}

}  // namespace

CredentialKeys::CredentialKeys() : key_(random_bytes(kKeyBytes)) {}

std::string CredentialKeys::hash(std::string_view text) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const unsigned char* done = HMAC(
        EVP_sha256(),
        key_.data(),
        static_cast<int>(key_.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        digest.data(),
        &size
    );
    if (done == nullptr) {
        throw std::runtime_error("SHA-256 is not available");
    }
    return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

std::string CredentialKeys::of(const CallerCredentials& credentials) const {
    std::string text = credentials.server_account ? "server" : "caller";
    append_part(text, credentials.token);
    append_part(text, credentials.impersonate_user);
    append_part(text, std::to_string(credentials.impersonate_groups.size()));
    for (const std::string& group : credentials.impersonate_groups) {
        append_part(text, group);
    }
    for (const auto& [name, value] : credentials.impersonate_extra) {
        append_part(text, name);
        append_part(text, value);
    }
    return hash(text);
}

std::string CredentialKeys::of_token(std::string_view token) const {
    return hash(std::string("token").append(token));
}

std::string random_uuid() {
    std::string bytes = random_bytes(kUuidBytes);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x40U);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
    std::string text = to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) {
        text.insert(at, 1, '-');
    }
    return text;
}

}  // namespace meshscope::business
