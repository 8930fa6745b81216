#pragma once

#include "config/yaml_tree.hpp"
#include "core/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::config {

// A cluster, user or context of a kubeconfig, being read. The first thing that is wrong is kept;
// what is absent, null or wrong reads as "", false or empty.
class KubeconfigEntry {
 public:
    // `node` null: there is no such entry, everything is absent. `what`: "user \"demo\"".
    KubeconfigEntry(std::string file, std::string what, YamlPtr node);

    [[nodiscard]] std::string text(std::string_view key);
    [[nodiscard]] bool flag(std::string_view key);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    // A path, relative to the file's directory when it is not absolute.
    [[nodiscard]] std::string path(std::string_view key);
    // PEM in base64, white space allowed in it.
    [[nodiscard]] std::string pem(std::string_view key);
    // `relative` as it is when it is absolute.
    [[nodiscard]] std::string beside_file(const std::string& relative) const;
    // A map in it; `what` "": named after its key.
    [[nodiscard]] KubeconfigEntry inner(std::string_view key, std::string what = {}) const;
    // The maps of a list in it.
    [[nodiscard]] std::vector<KubeconfigEntry> entries(std::string_view key);
    // The keys that have a value.
    [[nodiscard]] std::vector<std::string> keys() const;
    [[nodiscard]] bool has(std::string_view key) const;  // set to something else than null or ""

    void fail(std::string_view key, const std::string& problem);  // key "": the entry itself
    // Takes over what is wrong in a part of it.
    void take_error(const KubeconfigEntry& part);
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
    [[nodiscard]] const YamlNode* find(std::string_view key) const;  // null for absent and null

    std::string file_;
    std::string what_;
    YamlPtr node_;
    std::optional<Error> error_;
};

}  // namespace meshscope::config
