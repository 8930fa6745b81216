#pragma once

#include "app/credential_files.hpp"
#include "app/recent_lines.hpp"
#include "business/status.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "telemetry/metrics.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// What `meshscope --support-bundle` writes for who has to find out what is wrong: text files in a
// tar, without a secret.
namespace meshscope::app {

struct BundleFile {
    std::string name;  // at most 90 characters
    std::string text;
};

// Takes the values of secrets out of texts, whoever put them there: a second line of defence. Knows
// those of the configuration but for the names of users, and what the files hold that it names at
// the time it is made; nothing shorter than 6 characters, which would be a part of other words.
class Scrubber {
 public:
    explicit Scrubber(const config::Loaded& loaded);

    [[nodiscard]] std::string clean(std::string text) const;

 private:
    std::vector<std::string> secrets_;  // the longest first
};

// What is known without a server: versions, the configuration in effect and what was said of it.
std::vector<BundleFile> files_of_configuration(const config::Loaded& loaded);

// What a running server adds.
struct RunningParts {
    const business::Status* status = nullptr;
    const telemetry::MetricsRegistry* metrics = nullptr;
    const RecentLines* lines = nullptr;  // null: they are not kept
    const CredentialFiles* files = nullptr;
    SystemTime started;
    SystemTime now;
};
std::vector<BundleFile> files_of_running(const RunningParts& parts);

// The files, cleaned, as entries of a tar (POSIX ustar) below meshscope-support/; those of several
// calls can be put behind each other, and tar_end() behind the last.
std::string tar_entries(
    std::span<const BundleFile> files, const Scrubber& scrubber, SystemTime now
);
std::string tar_end();

}  // namespace meshscope::app
