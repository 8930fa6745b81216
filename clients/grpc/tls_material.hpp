#pragma once

#include "clients/credentials/ca_bundle.hpp"
#include "clients/credentials/secret.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <utility>

namespace meshscope::clients {

struct TlsMaterial {
    std::string roots;        // PEM, the system's and the configured ones
    std::string certificate;  // PEM; empty: none
    std::string key;
    std::uint64_t generation = 0;  // changes whenever one of the texts does
};

// Reads the files behind TlsSettings and notices changes. Configured CA files follow the rules of
// CaBundle, as those of HTTP clients do; the system's bundle is taken as it stands. A file that
// cannot be read or parsed counts as it last could be. Not thread-safe.
class TlsMaterialReader {
 public:
    TlsMaterialReader(TlsSettings settings, const Clock& clock);

    // kUpstreamAuth: the client certificate or key is unreadable, broken, or they do not belong
    // together.
    Result<TlsMaterial> read();

 private:
    struct CaFile {
        std::string path;
        ino_t inode = 0;
        off_t size = -1;
        std::int64_t modified_ns = 0;
        std::string text;
    };
    static void refresh(CaFile& file);
    [[nodiscard]] Result<std::pair<std::string, std::string>> identity() const;

    TlsSettings settings_;
    CaFile system_;  // no path: there is none
    CaBundle bundle_;
    TlsMaterial material_;
};

// PEM text with at least one certificate and nothing broken in it.
bool is_certificate_pem(const std::string& text);

}  // namespace meshscope::clients
