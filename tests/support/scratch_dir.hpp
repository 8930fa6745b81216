#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>

namespace meshscope::test {

// A directory of its own that goes away with the test.
class ScratchDir {
 public:
    ScratchDir() {
        std::string name = (std::filesystem::temp_directory_path() / "meshscope-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a directory for the test");
        }
        path_ = name;
    }
    ~ScratchDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDir(const ScratchDir&) = delete;
    ScratchDir& operator=(const ScratchDir&) = delete;

    [[nodiscard]] std::string path(std::string_view name) const { return (path_ / name).string(); }

    // Replaces the file as a careful writer does: a new inode under the old name.
    std::string write(std::string_view name, std::string_view content) const {
        const std::string target = path(name);
        std::ofstream(target + ".new", std::ios::binary) << content;
        std::filesystem::rename(target + ".new", target);
        return target;
    }

 private:
    std::filesystem::path path_;
};

}  // namespace meshscope::test
