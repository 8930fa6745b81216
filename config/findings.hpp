#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace meshscope::config {

// Everything noticed while a configuration is read. Texts hold no secrets.
class Findings {
 public:
    // `path` is the dotted key, "" for the whole file.
    void error(const std::string& path, const std::string& text);
    void warning(const std::string& path, const std::string& text);
    void deprecated(const std::string& path, const std::string& text);

    // Where a key was seen; later findings about it name the line.
    void saw(const std::string& path, int line);
    [[nodiscard]] int line_of(const std::string& path) const;  // 0: not in the file
    [[nodiscard]] bool has_error(const std::string& path) const;

    [[nodiscard]] bool failed() const { return !errors_.empty(); }
    // One text a finding, in the order of lines: "line 3: server.port: ...".
    [[nodiscard]] std::vector<std::string> errors() const;
    [[nodiscard]] std::vector<std::string> warnings() const;
    [[nodiscard]] std::vector<std::string> deprecations() const;

 private:
    struct Finding {
        std::string path;
        std::string text;
    };
    [[nodiscard]] std::vector<std::string> render(const std::vector<Finding>& findings) const;

    std::vector<Finding> errors_;
    std::vector<Finding> warnings_;
    std::vector<Finding> deprecations_;
    std::map<std::string, int> lines_;
    std::set<std::string> bad_;
};

}  // namespace meshscope::config
