#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::clients {

// Where a credential comes from that is neither written down nor in a file. Thread-safe; current()
// never blocks for long.
class SecretSource {
 public:
    SecretSource() = default;
    virtual ~SecretSource() = default;
    SecretSource(const SecretSource&) = delete;
    SecretSource& operator=(const SecretSource&) = delete;
    virtual Result<std::string> current() = 0;
    virtual void recheck() = 0;  // the last one was refused
};

// A credential as the configuration names it: a literal, or a file that may be rotated at any time.
// current() is thread-safe and never blocks for long: the file is looked at again when more than a
// second has passed, by its identity, size and modification time (which also sees a Kubernetes
// `..data` switch). File content is trimmed. An empty or unreadable file after a good one keeps the
// old value.
class Secret {
 public:
    static Secret none();  // current() is ""
    static Secret literal(std::string value);
    static Secret file(std::string path, const Clock& clock);
    static Secret from(std::shared_ptr<SecretSource> source);

    // Error (kUpstreamAuth, naming the file) when the file was never readable; of a source, its
    // own.
    [[nodiscard]] Result<std::string> current() const;
    // Looks at the file on the next current(), whenever the last look was.
    void recheck() const;
    // A file counts as set whatever is in it, and so does a source.
    [[nodiscard]] bool is_set() const;

 private:
    struct State;
    std::shared_ptr<State> state_;
};

enum class AuthType { kNone, kBasic, kBearer };

struct Credentials {
    AuthType type = AuthType::kNone;
    Secret username = Secret::none();
    Secret password = Secret::none();
    Secret token = Secret::none();

    // The value of the Authorization header, "" for none or an empty token.
    [[nodiscard]] Result<std::string> authorization() const;
    // Secret::recheck() of all parts: after a 401 the files may be newer than what was sent.
    void recheck() const;
};

// Trust and identity for one upstream. Files are re-read when they change; a half-written bundle
// keeps the one before.
struct TlsSettings {
    std::vector<std::string> ca_files;           // absent files are ignored until they appear
    Secret client_certificate = Secret::none();  // PEM text
    Secret client_key = Secret::none();          // PEM text
    bool insecure_skip_verify = false;
    int min_version = 0x0303;  // TLS 1.2, as OpenSSL numbers it
    int max_version = 0;
    // Told once about each CA file or certificate that is not used and why, again when that
    // changes; on any thread. May be empty.
    std::function<void(const std::string& warning)> on_warning = {};
    std::string ca_pem = {};       // more authorities, as PEM text
    bool system_roots = true;      // false: only ca_files and ca_pem are trusted
    std::string server_name = {};  // to check and to send in place of the URL's host; "" that
};

}  // namespace meshscope::clients
