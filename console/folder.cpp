#include "console/folder.hpp"

#include "core/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace meshscope::console {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 2000;
constexpr std::size_t kMaxBytes = 64UL * 1024 * 1024;
constexpr std::string_view kPage = "index.html";
constexpr std::string_view kBasePlace = R"(<base href="./")";

std::string_view content_type_of(std::string_view extension) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes{{
        {".css", "text/css; charset=utf-8"},
        {".html", "text/html; charset=utf-8"},
        {".ico", "image/x-icon"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".png", "image/png"},
        {".svg", "image/svg+xml"},
        {".txt", "text/plain; charset=utf-8"},
        {".woff2", "font/woff2"},
    }};
    for (const auto& [known, type] : kTypes) {
        if (known == extension) {
            return type;
        }
    }
    return "application/octet-stream";
}

std::string escaped(std::string_view path) {
    std::string out;
    for (const char c : path) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '<':
                out += "&lt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string etag_of(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    const std::string_view half(reinterpret_cast<const char*>(digest.data()), size / 2);
    return '"' + to_hex(half) + '"';
}

std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) {
        return std::nullopt;
    }
    return text;
}

Error bad_file(const fs::path& path, std::string_view why) {
    return Error(
        ErrorKind::kInvalidArgument, fmt::format("the console's file {}: {}", path.string(), why)
    );
}

// The bytes of every regular file by its path below the folder.
Result<std::map<std::string, std::string, std::less<>>> read_all(const fs::path& root) {
    std::map<std::string, std::string, std::less<>> out;
    std::size_t bytes = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(root, failed), end; !failed && at != end;
         at.increment(failed)) {
        if (!at->is_regular_file(failed)) {
            continue;
        }
        std::optional<std::string> text = read_file(at->path());
        if (!text) {
            return bad_file(at->path(), "it cannot be read");
        }
        bytes += text->size();
        if (bytes > kMaxBytes || out.size() == kMaxFiles) {
            return bad_file(at->path(), "the folder holds more than 2000 files or 64 MiB");
        }
        out.emplace(at->path().lexically_relative(root).generic_string(), std::move(*text));
    }
    if (failed) {
        return bad_file(root, failed.message());
    }
    return out;
}

}  // namespace

Result<Files> read_folder(const std::string& folder, std::string_view base) {
    const fs::path root(folder);
    std::error_code failed;
    if (!fs::is_regular_file(root / kPage, failed)) {
        return Error(
            ErrorKind::kNotFound, fmt::format("{} holds no {}", root.string(), std::string(kPage))
        );
    }
    auto found = read_all(root);
    if (!found) {
        return found.error();
    }
    const auto take = [&found](const std::string& path) {
        const auto packed = found->find(path);
        return packed == found->end() ? std::string() : std::move(packed->second);
    };
    Files files;
    for (auto& [path, text] : *found) {
        const std::string extension = fs::path(path).extension().string();
        if (extension == ".br" || extension == ".gz") {
            continue;
        }
        File file;
        file.content_type = content_type_of(extension);
        file.plain = std::move(text);
        file.forever = path.starts_with("assets/");
        if (path == kPage) {
            const std::size_t place = file.plain.find(kBasePlace);
            if (place == std::string::npos) {
                return bad_file(root / kPage, "it has no " + std::string(kBasePlace));
            }
            file.plain.replace(place, kBasePlace.size(), "<base href=\"" + escaped(base) + '"');
        } else {
            file.brotli = take(path + ".br");
            file.gzip = take(path + ".gz");
        }
        file.etag = etag_of(file.plain);
        files.emplace(path, std::move(file));
    }
    return files;
}

}  // namespace meshscope::console
