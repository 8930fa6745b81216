#include "config/secret_values.hpp"

#include "config/describe.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

namespace meshscope::config {

namespace {

// Gives each text of the configuration to `found`, with its key's path.
class Texts final : public Visitor {
 public:
    using Found = std::function<void(const Key&, std::string path, const std::string& value)>;
    // `all`: also of sections that nothing reads.
    Texts(Found found, bool all) : found_(std::move(found)), all_(all) {}

    void value(const Key& /*key*/, bool& /*member*/) override {}
    void value(const Key& /*key*/, std::int64_t& /*member*/) override {}
    void value(const Key& /*key*/, double& /*member*/) override {}
    void value(const Key& key, std::string& member) override {
        if (!member.empty()) {
            found_(key, path_of(key), member);
        }
    }
    void value(const Key& /*key*/, std::optional<bool>& /*member*/) override {}
    void value(const Key& key, std::optional<std::string>& member) override {
        if (member) {
            value(key, *member);
        }
    }
    void value(const Key& /*key*/, std::chrono::seconds& /*member*/) override {}
    void value(const Key& /*key*/, std::chrono::nanoseconds& /*member*/) override {}
    void value(const Key& key, TextList& member) override {
        for (std::string& item : member) {
            value(key, item);
        }
    }
    void value(const Key& key, TextMap& member) override {
        for (auto& [name, item] : member) {
            value(key, item);
        }
    }
    void dropped(const Key& /*key*/) override {}

 protected:
    bool enter(const Key& key) override {
        if (!all_ && key.mark != Mark::kUsed) {
            return false;
        }
        above_.emplace_back(key.name);
        return true;
    }
    bool enter_item(const Key& key, std::size_t index) override {
        above_.push_back(std::string(key.name) + "[" + std::to_string(index) + "]");
        return true;
    }
    bool enter_map(const Key& key, std::vector<std::string>& /*names*/) override {
        return enter(key);
    }
    void leave() override { above_.pop_back(); }
    std::optional<std::size_t> list_size(const Key& /*key*/, std::size_t current) override {
        return current;
    }

 private:
    [[nodiscard]] std::string path_of(const Key& key) const {
        std::string path;
        for (const std::string& part : above_) {
            path += part + ".";
        }
        return path.append(key.name);
    }

    Found found_;
    bool all_;
    std::vector<std::string> above_;
};

std::vector<SecretValue> texts_where(
    const Config& config,
    bool all,
    const std::function<bool(const Key& key, const std::string& value)>& wanted
) {
    std::vector<SecretValue> out;
    Config copy = config;
    const auto take = [&](const Key& key, std::string path, const std::string& value) {
        if (wanted(key, value)) {
            out.push_back({std::move(path), value});
        }
    };
    Texts texts(take, all);
    describe(texts, copy);
    return out;
}

bool is_header(const Key& key) { return key.name == "custom_headers"; }

}  // namespace

std::vector<SecretValue> secret_values(const Config& config) {
    return texts_where(config, true, [](const Key& key, const std::string&) {
        return key.check.is_secret;
    });
}

std::vector<SecretValue> credential_files(const Config& config) {
    return texts_where(config, false, [](const Key& key, const std::string& value) {
        const bool names_file = key.name == "cert_file" || key.name == "ca_file";
        return key.mark == Mark::kUsed && value.front() == '/' && !is_header(key) &&
               (key.check.is_secret || names_file);
    });
}

}  // namespace meshscope::config
