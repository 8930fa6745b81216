#pragma once

#include "clients/credentials/watched_file.hpp"
#include "core/clock.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients {

// The certificate authorities out of a few PEM files that may appear and change at any time. A
// certificate is left out, with a warning, when it is not one of an authority, has expired, may not
// sign certificates by its key usage, or its key is weak (RSA below 2048 bits, EC below 256) or of
// another kind. A file that cannot be parsed to its end keeps what it held before. Not thread-safe.
class CaBundle {
 public:
    using OnWarning = std::function<void(const std::string& warning)>;
    // `on_warning` is told each warning that was not there before.
    CaBundle(const std::vector<std::string>& files, const Clock& clock, OnWarning on_warning = {});

    // Looks at the files (once a second at most); true when the accepted certificates have changed.
    bool refresh();

    [[nodiscard]] const std::string& pem() const { return pem_; }  // the accepted ones
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
    struct Source {
        WatchedFile file;
        std::string pem;
        std::vector<std::string> warnings;
        bool was_good = false;
    };
    void read(Source& source) const;

    const Clock* clock_;
    OnWarning on_warning_;
    std::vector<Source> sources_;
    std::string pem_;
    std::vector<std::string> warnings_;
};

}  // namespace meshscope::clients
