#include "app/support_bundle.hpp"

#include "app/version.hpp"
#include "config/effective.hpp"
#include "config/secret_values.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"

#include <boost/version.hpp>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/utsname.h>
#include <system_error>

namespace meshscope::app {

namespace {

constexpr std::size_t kShortest = 6;
constexpr std::string_view kMask = "xxx";
constexpr std::size_t kBlock = 512;
constexpr std::size_t kMostOfFile = 1UL << 20U;

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kMostOfFile, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

std::string lines_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

std::string versions() {
    std::string text = "meshscope " + std::string(kVersion) + "\n";
    text += std::string(OpenSSL_version(OPENSSL_VERSION)) + "\n";
    text += "Boost " BOOST_LIB_VERSION "\n";
    utsname system{};
    if (::uname(&system) == 0) {
        text += std::string(system.sysname) + " " + system.release + " " + system.machine + "\n";
    }
    return text;
}

std::string status_text(const business::Status& status) {
    std::string text;
    for (const business::ComponentStatus& component : status.components()) {
        text += component.name + ": " + std::string(business::to_string(component.health)) + "\n";
        const auto add = [&text](std::string_view what, std::string_view value) {
            if (!value.empty()) {
                text.append("  ").append(what).append(": ").append(value).append("\n");
            }
        };
        add("version", component.version);
        add("protocol", component.protocol);
        add("product", component.product);
        if (component.reason) {
            add("reason", component.reason->message());
            add("detail", component.reason->detail());
            add("setting", component.reason->hint().setting);
            add("advice", component.reason->hint().advice);
        }
        add("last success", component.last_success ? format_rfc3339(*component.last_success) : "");
        add("last probe", component.last_probe ? format_rfc3339(*component.last_probe) : "");
        if (component.age) {
            add("age in ms", std::to_string(component.age->count()));
        }
    }
    return text.empty() ? "no upstream is configured\n" : text;
}

std::string process_text(const RunningParts& parts) {
    std::string text = "started: " + format_rfc3339(parts.started) + "\n";
    text += "now: " + format_rfc3339(parts.now) + "\n";
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        for (const char* wanted : {"Pid:", "VmRSS:", "VmHWM:", "VmSize:", "Threads:", "Uid:"}) {
            if (line.starts_with(wanted)) {
                text += line + "\n";
            }
        }
    }
    std::error_code failed;
    const std::filesystem::directory_iterator open("/proc/self/fd", failed);
    text += "open descriptors: " + std::to_string(std::distance(begin(open), end(open))) + "\n";
    return text;
}

std::string files_text(const CredentialFiles& files) {
    std::string text;
    for (const CredentialFiles::State& file : files.states()) {
        text += file.setting + ": " + file.path + ": " +
                (file.problem.empty() ? std::to_string(file.bytes) + " bytes" : file.problem) +
                "\n";
    }
    return text.empty() ? "the configuration names none\n" : text;
}

// An octal number, so many digits, in a field of the header.
void put_number(char* field, int digits, std::uint64_t value) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%0*lo", digits, static_cast<unsigned long>(value));
    std::memcpy(field, text.data(), static_cast<std::size_t>(digits));
}

// POSIX.1-1988: offsets of the fields are in the calls.
std::string tar_header(const std::string& name, std::size_t size, SystemTime now) {
    std::array<char, kBlock> head{};
    std::memcpy(head.data(), name.data(), std::min<std::size_t>(name.size(), 100));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    put_number(&head[100], 7, 0600);
    put_number(&head[108], 7, 0);
    put_number(&head[116], 7, 0);
    put_number(&head[124], 11, size);
    put_number(&head[136], 11, static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)));
    std::memset(&head[148], ' ', 8);
    head[156] = '0';
    std::memcpy(&head[257], "ustar\00000", 8);
    unsigned sum = 0;
    for (const char c : head) {
        sum += static_cast<unsigned char>(c);
    }
    put_number(&head[148], 6, sum);
    head[154] = '\0';
    return {head.data(), head.size()};
}

}  // namespace

Scrubber::Scrubber(const config::Loaded& loaded) {
    const auto add = [this](std::string_view text) {
        if (trim(text).size() >= kShortest) {
            secrets_.emplace_back(trim(text));
        }
    };
    const auto add_file = [&add](const std::string& path) {
        const std::string content = content_of(path);
        add(content);
        for (const std::string_view line : split(content, '\n')) {
            // Of a PEM file each line of the key is as secret as the whole.
            if (!trim(line).starts_with("-----")) {
                add(line);
            }
        }
    };
    for (const config::SecretValue& secret : config::secret_values(loaded.config)) {
        if (secret.value.starts_with('/')) {
            add_file(secret.value);
        } else if (!secret.key.ends_with("username") && !secret.key.ends_with("client_id")) {
            add(secret.value);
        }
    }
    add_file(loaded.paths.service_account_token);
    add_file(loaded.paths.openid_client_secret);
    std::ranges::sort(secrets_, [](const std::string& a, const std::string& b) {
        return a.size() > b.size();
    });
}

std::string Scrubber::clean(std::string text) const {
    for (const std::string& secret : secrets_) {
        for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
            text.replace(at, secret.size(), kMask);
            at += kMask.size();
        }
    }
    return text;
}

std::vector<BundleFile> files_of_configuration(const config::Loaded& loaded) {
    std::vector<std::string> said = loaded.warnings;
    for (const std::string& text : loaded.deprecations) {
        said.push_back("deprecated: " + text);
    }
    return {
        {"versions.txt", versions()},
        {"configuration.yaml", config::effective_yaml(loaded.config)},
        {"configuration-warnings.txt", lines_of(said)},
    };
}

std::vector<BundleFile> files_of_running(const RunningParts& parts) {
    return {
        {"status.txt", status_text(*parts.status)},
        {"process.txt", process_text(parts)},
        {"credential-files.txt", files_text(*parts.files)},
        {"metrics.txt", parts.metrics->expose()},
        {"log.txt", parts.lines == nullptr ? "" : lines_of(parts.lines->lines())},
    };
}

std::string tar_entries(
    std::span<const BundleFile> files, const Scrubber& scrubber, SystemTime now
) {
    std::string out;
    for (const BundleFile& file : files) {
        const std::string text = scrubber.clean(file.text);
        out += tar_header("meshscope-support/" + file.name, text.size(), now);
        out += text;
        out.append((kBlock - text.size() % kBlock) % kBlock, '\0');
    }
    return out;
}

std::string tar_end() { return std::string(2 * kBlock, '\0'); }

}  // namespace meshscope::app
