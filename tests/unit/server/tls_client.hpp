#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::test {

struct TlsClientOptions {
    std::string authority;  // PEM; the server's certificate must come from it
    int min_version = 0;    // as OpenSSL numbers them; 0: no bound
    int max_version = 0;
    std::string alpn;         // wire format, "\x08http/1.1"; "" for none
    std::string cipher_list;  // of TLS 1.2; "" for OpenSSL's
};

// A blocking TLS client on 127.0.0.1 made with OpenSSL itself.
class TlsClient {
 public:
    // Throws std::runtime_error with OpenSSL's reason when the handshake fails.
    TlsClient(std::uint16_t port, const TlsClientOptions& options);
    ~TlsClient();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    void send(std::string_view bytes);
    // Until `end` has come, or the server closes.
    std::string read_until(std::string_view end);
    // Until the server closes; `clean` is set when it said so with a close_notify.
    std::string read_all(bool& clean);
    [[nodiscard]] std::string version() const;
    [[nodiscard]] std::string protocol() const;  // the chosen ALPN
    [[nodiscard]] std::string cipher() const;
    [[nodiscard]] std::string certificate_name() const;  // first subject alternative name
    void close();                                        // without a word

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::test
