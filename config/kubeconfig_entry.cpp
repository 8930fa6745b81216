#include "config/kubeconfig_entry.hpp"

#include "config/scalars.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <utility>

namespace meshscope::config {

namespace {

using Kind = YamlNode::Kind;

bool is_set(const YamlNode& node) {
    return node.kind != Kind::kNull && !(node.kind == Kind::kScalar && node.text.empty());
}

std::string below(const std::string& what, std::string_view key) {
    return what + (what.empty() || key.empty() ? "" : ", ") + std::string(key);
}

}  // namespace

KubeconfigEntry::KubeconfigEntry(std::string file, std::string what, YamlPtr node)
    : file_(std::move(file)), what_(std::move(what)), node_(std::move(node)) {
    if (node_ != nullptr && node_->kind != Kind::kMap && node_->kind != Kind::kNull) {
        fail({}, "must be a map of fields");
    }
}

const YamlNode* KubeconfigEntry::find(std::string_view key) const {
    if (node_ == nullptr || node_->kind != Kind::kMap) {
        return nullptr;
    }
    const YamlEntry* entry = node_->find(key);
    return entry == nullptr || entry->value->kind == Kind::kNull ? nullptr : entry->value.get();
}

void KubeconfigEntry::fail(std::string_view key, const std::string& problem) {
    if (!error_) {
        const std::string where = below(what_, key);
        error_ = Error(
            ErrorKind::kInvalidArgument,
            file_ + ": " + where + (where.empty() ? "" : ": ") + problem
        );
    }
}

void KubeconfigEntry::take_error(const KubeconfigEntry& part) {
    if (!error_) {
        error_ = part.error_;
    }
}

std::string KubeconfigEntry::text(std::string_view key) {
    const YamlNode* node = find(key);
    if (node == nullptr) {
        return {};
    }
    const auto text = as_text(*node);
    if (!text) {
        fail(key, "must be text, not " + describe_found(*node, true));
    }
    return text.value_or("");
}

bool KubeconfigEntry::flag(std::string_view key) {
    const YamlNode* node = find(key);
    if (node == nullptr) {
        return false;
    }
    const auto flag = as_bool(*node);
    if (!flag) {
        fail(key, "must be true or false, not " + describe_found(*node, true));
    }
    return flag.value_or(false);
}

std::vector<std::string> KubeconfigEntry::texts(std::string_view key) {
    std::vector<std::string> texts;
    const YamlNode* node = find(key);
    if (node != nullptr && node->kind != Kind::kList) {
        fail(key, "must be a list, not " + describe_found(*node, true));
    } else if (node != nullptr) {
        for (const YamlPtr& item : node->items) {
            const auto text = as_text(*item);
            if (!text) {
                fail(key, "must be a list of texts");
                return {};
            }
            texts.push_back(*text);
        }
    }
    return texts;
}

std::string KubeconfigEntry::beside_file(const std::string& relative) const {
    const std::filesystem::path path(relative);
    if (path.empty() || path.is_absolute()) {
        return relative;
    }
    return (std::filesystem::absolute(file_).parent_path() / path).lexically_normal().string();
}

std::string KubeconfigEntry::path(std::string_view key) { return beside_file(text(key)); }

std::string KubeconfigEntry::pem(std::string_view key) {
    std::string encoded = text(key);
    std::erase_if(encoded, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
    if (encoded.empty()) {
        return {};
    }
    auto decoded = base64_decode(encoded);
    if (!decoded || decoded->find("-----BEGIN ") == std::string::npos) {
        fail(key, "must be PEM in base64");
        return {};
    }
    return *std::move(decoded);
}

KubeconfigEntry KubeconfigEntry::inner(std::string_view key, std::string what) const {
    const YamlEntry* entry =
        node_ == nullptr || node_->kind != Kind::kMap ? nullptr : node_->find(key);
    return {
        file_,
        what.empty() ? below(what_, key) : std::move(what),
        entry == nullptr ? nullptr : entry->value
    };
}

std::vector<KubeconfigEntry> KubeconfigEntry::entries(std::string_view key) {
    std::vector<KubeconfigEntry> entries;
    const YamlNode* node = find(key);
    if (node != nullptr && node->kind != Kind::kList) {
        fail(key, "must be a list, not " + describe_found(*node, true));
    } else if (node != nullptr) {
        for (const YamlPtr& item : node->items) {
            entries.emplace_back(
                file_, what_ + (what_.empty() ? "" : ", ") + std::string(key), item
            );
            take_error(entries.back());
        }
    }
    return entries;
}

std::vector<std::string> KubeconfigEntry::keys() const {
    std::vector<std::string> keys;
    if (node_ != nullptr && node_->kind == Kind::kMap) {
        for (const YamlEntry& entry : node_->entries) {
            if (is_set(*entry.value)) {
                keys.push_back(entry.key);
            }
        }
    }
    return keys;
}

bool KubeconfigEntry::has(std::string_view key) const {
    const YamlNode* node = find(key);
    return node != nullptr && is_set(*node);
}

}  // namespace meshscope::config
