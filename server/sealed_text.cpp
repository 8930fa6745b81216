#include "server/sealed_text.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstddef>
#include <limits>
#include <memory>

namespace meshscope::server {

namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kLongest = std::numeric_limits<int>::max() / 2;

struct ContextDelete {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDelete>;

const EVP_CIPHER* cipher_for(std::string_view key) {
    switch (key.size()) {
        case 16:
            return EVP_aes_128_gcm();
        case 24:
            return EVP_aes_192_gcm();
        case 32:
            return EVP_aes_256_gcm();
        default:
            return nullptr;
    }
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text, std::size_t from) {
    return reinterpret_cast<unsigned char*>(text.data()) + from;
}

Error failed() { return {ErrorKind::kInternal, "a session cannot be sealed"}; }

}  // namespace

bool is_seal_key(std::string_view key) { return cipher_for(key) != nullptr; }

Result<std::string> seal_text(std::string_view key, std::string_view text) {
    const EVP_CIPHER* cipher = cipher_for(key);
    const Context context(EVP_CIPHER_CTX_new());
    if (cipher == nullptr || !context || text.size() > kLongest) {
        return failed();
    }
    std::string out(kNonce + text.size() + kTag, '\0');
    int written = 0;
    int rest = 0;
    const bool sealed =
        RAND_bytes(bytes(out, 0), static_cast<int>(kNonce)) == 1 &&
        EVP_EncryptInit_ex(context.get(), cipher, nullptr, bytes(key), bytes(out, 0)) == 1 &&
        EVP_EncryptUpdate(
            context.get(), bytes(out, kNonce), &written, bytes(text), static_cast<int>(text.size())
        ) == 1 &&
        EVP_EncryptFinal_ex(context.get(), bytes(out, kNonce + text.size()), &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(
            context.get(),
            EVP_CTRL_GCM_GET_TAG,
            static_cast<int>(kTag),
            bytes(out, kNonce + text.size())
        ) == 1;
    if (!sealed) {
        return failed();
    }
    return out;
}

std::optional<std::string> open_text(std::string_view key, std::string_view sealed) {
    const EVP_CIPHER* cipher = cipher_for(key);
    const Context context(EVP_CIPHER_CTX_new());
    if (cipher == nullptr || !context || sealed.size() < kNonce + kTag ||
        sealed.size() > kLongest) {
        return std::nullopt;
    }
    const std::string_view body = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
    std::string tag(sealed.substr(sealed.size() - kTag));
    std::string out(body.size() + kTag, '\0');  // never empty: some room for the last block
    int written = 0;
    int rest = 0;
    const bool opened =
        EVP_DecryptInit_ex(context.get(), cipher, nullptr, bytes(key), bytes(sealed)) == 1 &&
        EVP_DecryptUpdate(
            context.get(), bytes(out, 0), &written, bytes(body), static_cast<int>(body.size())
        ) == 1 &&
        EVP_CIPHER_CTX_ctrl(
            context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag), bytes(tag, 0)
        ) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes(out, body.size()), &rest) == 1;
    if (!opened) {
        return std::nullopt;
    }
    out.resize(body.size());
    return out;
}

}  // namespace meshscope::server
