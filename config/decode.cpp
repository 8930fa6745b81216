#include "config/decode.hpp"

#include "config/describe.hpp"
#include "config/duration.hpp"
#include "config/mask.hpp"
#include "config/reference.hpp"
#include "config/scalars.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace meshscope::config {

namespace {

using Kind = YamlNode::Kind;
using std::chrono::nanoseconds;

constexpr std::size_t kMostUnknownKeys = 40;

struct UnknownKey {
    std::string path;
    int line = 0;
    std::string suggestion;
};

class Decoder final : public Visitor {
 public:
    Decoder(const YamlNode& document, Findings& findings) : findings_(findings) {
        frames_.push_back({&document, "", {}});
    }

    void value(const Key& key, bool& member) override {
        scalar(key, member, as_bool, "true or false");
    }
    void value(const Key& key, std::int64_t& member) override {
        scalar(key, member, as_integer, "a whole number");
    }
    void value(const Key& key, double& member) override {
        scalar(key, member, as_number, "a number");
    }
    void value(const Key& key, std::string& member) override {
        scalar(key, member, as_text, "text");
    }
    void value(const Key& key, std::optional<bool>& member) override {
        bool written = false;
        if (scalar(key, written, as_bool, "true or false")) {
            member = written;
        }
    }
    void value(const Key& key, std::optional<std::string>& member) override {
        std::string written;
        if (scalar(key, written, as_text, "text")) {
            member = std::move(written);
        }
    }
    void value(const Key& key, std::chrono::seconds& member) override {
        std::int64_t count = 0;
        if (scalar(key, count, as_integer, "a whole number of seconds")) {
            member = std::chrono::seconds(count);
        }
    }
    void value(const Key& key, nanoseconds& member) override {
        const YamlEntry* entry = find(key);
        if (entry == nullptr) {
            return;
        }
        if (key.check.is_lenient) {
            lenient_duration(key, *entry->value, member);
        } else {
            strict_duration(key, *entry->value, member);
        }
    }
    void value(const Key& key, TextList& member) override {
        const YamlEntry* entry = find(key);
        if (entry == nullptr || !is_kind(key, *entry->value, Kind::kList)) {
            return;
        }
        TextList items;
        for (std::size_t i = 0; i < entry->value->items.size(); ++i) {
            const YamlNode& item = *entry->value->items[i];
            const std::string path = path_of(key.name) + "[" + std::to_string(i) + "]";
            findings_.saw(path, item.line);
            if (auto text = as_text(item)) {
                items.push_back(std::move(*text));
            } else {
                mismatch(path, item, "text", key.check.is_secret);
            }
        }
        member = std::move(items);
    }
    void value(const Key& key, TextMap& member) override {
        const YamlEntry* entry = find(key);
        if (entry == nullptr || !is_kind(key, *entry->value, Kind::kMap)) {
            return;
        }
        TextMap items;
        for (const YamlEntry& item : entry->value->entries) {
            const std::string path = path_of(key.name) + "." + item.key;
            findings_.saw(path, item.line);
            if (auto text = as_text(*item.value)) {
                items.emplace(item.key, std::move(*text));
            } else {
                mismatch(path, *item.value, "text", key.check.is_secret);
            }
        }
        member = std::move(items);
    }

    void dropped(const Key& key) override { find(key); }

    // Checks what is left open; the last call.
    [[nodiscard]] std::vector<UnknownKey> finish() {
        leave();
        return std::move(unknown_);
    }

 protected:
    bool enter(const Key& key) override {
        const YamlEntry* entry = find(key);
        if (entry == nullptr) {
            return false;
        }
        if (entry->value->kind == Kind::kNull) {
            findings_.warning(path_of(key.name), "is empty; its defaults are kept");
            return false;
        }
        if (!is_kind(key, *entry->value, Kind::kMap)) {
            return false;
        }
        frames_.push_back({entry->value.get(), path_of(key.name), {}});
        return true;
    }

    bool enter_item(const Key& key, std::size_t index) override {
        const YamlNode& item = *frames_.back().map->find(key.name)->value->items[index];
        const std::string path = path_of(key.name) + "[" + std::to_string(index) + "]";
        findings_.saw(path, item.line);
        if (item.kind != Kind::kMap) {
            mismatch(path, item, "a map of keys", key.check.is_secret);
            return false;
        }
        frames_.push_back({&item, path, {}});
        return true;
    }

    bool enter_map(const Key& key, std::vector<std::string>& names) override {
        names.clear();
        const YamlEntry* entry = find(key);
        if (entry == nullptr || !is_kind(key, *entry->value, Kind::kMap)) {
            return false;
        }
        for (const YamlEntry& item : entry->value->entries) {
            names.push_back(item.key);
        }
        frames_.push_back({entry->value.get(), path_of(key.name), {}});
        return true;
    }

    void leave() override {
        const Frame frame = std::move(frames_.back());
        frames_.pop_back();
        for (const YamlEntry& entry : frame.map->entries) {
            if (std::find(frame.known.begin(), frame.known.end(), entry.key) == frame.known.end()) {
                const std::string path =
                    frame.path.empty() ? entry.key : frame.path + "." + entry.key;
                unknown_.push_back({path, entry.line, suggestion(frame, entry.key)});
            }
        }
    }

    std::optional<std::size_t> list_size(const Key& key, std::size_t /*current*/) override {
        const YamlEntry* entry = find(key);
        if (entry == nullptr || !is_kind(key, *entry->value, Kind::kList)) {
            return std::nullopt;
        }
        return entry->value->items.size();
    }

    [[nodiscard]] bool replaces_lists() const override { return true; }

 private:
    struct Frame {
        const YamlNode* map = nullptr;
        std::string path;
        std::vector<std::string> known;  // names that the key table asked for
    };

    [[nodiscard]] std::string path_of(std::string_view name) const {
        const std::string& path = frames_.back().path;
        return path.empty() ? std::string(name) : path + "." + std::string(name);
    }

    const YamlEntry* find(const Key& key) {
        Frame& frame = frames_.back();
        frame.known.emplace_back(key.name);
        const YamlEntry* entry = frame.map->find(key.name);
        if (entry != nullptr) {
            findings_.saw(path_of(key.name), entry->line);
        }
        return entry;
    }

    void mismatch(
        const std::string& path, const YamlNode& node, std::string_view expected, bool hide
    ) {
        findings_.error(
            path, "expected " + std::string(expected) + ", found " + describe_found(node, hide)
        );
    }

    // A null stands for an empty list or map.
    bool is_kind(const Key& key, const YamlNode& node, Kind kind) {
        if (node.kind == kind || node.kind == Kind::kNull) {
            return true;
        }
        mismatch(
            path_of(key.name),
            node,
            kind == Kind::kList ? "a list" : "a map of keys",
            key.check.is_secret
        );
        return false;
    }

    // True when the member was written.
    template <class T>
    bool scalar(
        const Key& key,
        T& member,
        std::optional<T> (*read)(const YamlNode&),
        std::string_view expected
    ) {
        const YamlEntry* entry = find(key);
        if (entry == nullptr) {
            return false;
        }
        std::optional<T> written = read(*entry->value);
        if (!written) {
            mismatch(path_of(key.name), *entry->value, expected, key.check.is_secret);
            return false;
        }
        if (!passes(key, *written)) {
            return false;
        }
        member = std::move(*written);
        return true;
    }

    bool passes(const Key& /*key*/, bool /*written*/) { return true; }
    bool passes(const Key& /*key*/, double /*written*/) { return true; }
    bool passes(const Key& key, std::int64_t written) {
        if (written >= key.check.min && written <= key.check.max) {
            return true;
        }
        findings_.error(
            path_of(key.name),
            std::to_string(written) + " is out of range; it must be " + key.check.range_words()
        );
        return false;
    }
    bool passes(const Key& key, const std::string& written) {
        if (key.check.allows(written)) {
            return true;
        }
        std::vector<std::string> words;
        std::string list;
        for (const std::string_view word : split(key.check.words, '|')) {
            words.emplace_back(word);
            list += (list.empty() ? "" : ", ") + (word.empty() ? "\"\"" : std::string(word));
        }
        const std::string_view near = nearest(written, words);
        findings_.error(
            path_of(key.name),
            "\"" + mask_urls(written) + "\" is not one of " + list +
                (near.empty() ? "" : "; did you mean " + std::string(near) + "?")
        );
        return false;
    }

    void strict_duration(const Key& key, const YamlNode& node, nanoseconds& member) {
        if (const auto count = as_integer(node)) {
            const nanoseconds written(*count);
            const bool meant_seconds = written.count() > 0 && written < key.check.seconds_below;
            member = meant_seconds ? nanoseconds(std::chrono::seconds(*count)) : written;
            return;
        }
        const std::optional<std::string> text = as_text(node);
        const std::optional<nanoseconds> written = text ? parse_duration(*text) : std::nullopt;
        if (written) {
            member = *written;
        } else {
            mismatch(
                path_of(key.name), node, "a duration such as 30s or 1m30s", key.check.is_secret
            );
        }
    }

    void lenient_duration(const Key& key, const YamlNode& node, nanoseconds& member) {
        const std::optional<std::string> text = as_text(node);
        if (!text) {
            mismatch(
                path_of(key.name), node, "a duration such as 30s or 1m30s", key.check.is_secret
            );
            return;
        }
        const nanoseconds fallback = std::max(key.check.minimum_duration, nanoseconds(0));
        const std::optional<nanoseconds> written = parse_duration(*text);
        if (written && *written > nanoseconds(0) && *written >= key.check.minimum_duration) {
            member = *written;
            return;
        }
        member = fallback > nanoseconds(0) ? fallback : member;
        findings_.warning(
            path_of(key.name),
            describe_found(node, key.check.is_secret) +
                (written ? " is too short" : " is not a duration such as 30s or 1m30s") + "; " +
                format_duration(member) + " is used"
        );
    }

    static std::string suggestion(const Frame& frame, const std::string& name) {
        const std::string_view near = nearest(name, frame.known);
        return near.empty() ? place_of_key(name) : std::string(near);
    }

    Findings& findings_;
    std::vector<Frame> frames_;
    std::vector<UnknownKey> unknown_;
};

// Takes the marks of a custom resource out of the unknown keys; says what to do about them.
bool pasted_resource(std::vector<UnknownKey>& unknown) {
    const auto is_mark = [](const UnknownKey& key) {
        return key.path == "spec" || key.path == "apiVersion" || key.path == "kind" ||
               key.path == "metadata" || key.path == "status";
    };
    const bool found = std::any_of(unknown.begin(), unknown.end(), [](const UnknownKey& key) {
        return key.path == "spec" || key.path == "apiVersion" || key.path == "kind";
    });
    if (found) {
        std::erase_if(unknown, is_mark);
    }
    return found;
}

void warn_of_unknown(const std::vector<UnknownKey>& unknown, Findings& findings) {
    if (unknown.empty()) {
        return;
    }
    std::string text = unknown.size() == 1 ? "ignored a key that is not known: "
                                           : "ignored keys that are not known: ";
    for (std::size_t i = 0; i < unknown.size() && i < kMostUnknownKeys; ++i) {
        const UnknownKey& key = unknown[i];
        text += (i == 0 ? "" : ", ") + key.path + " (line " + std::to_string(key.line);
        text += key.suggestion.empty() ? ")" : "; did you mean " + key.suggestion + "?)";
    }
    if (unknown.size() > kMostUnknownKeys) {
        text += " and " + std::to_string(unknown.size() - kMostUnknownKeys) + " more";
    }
    findings.warning("", text);
}

}  // namespace

void decode(const YamlNode& document, Config& config, Findings& findings) {
    Decoder decoder(document, findings);
    describe(decoder, config);
    std::vector<UnknownKey> unknown = decoder.finish();
    if (pasted_resource(unknown)) {
        findings.warning(
            "",
            "this looks like a whole Kubernetes resource (spec, apiVersion or kind at the top); "
            "only the keys below `spec:` belong here, moved to the top level; until then "
            "they are ignored"
        );
    }
    std::sort(unknown.begin(), unknown.end(), [](const UnknownKey& a, const UnknownKey& b) {
        return std::tie(a.line, a.path) < std::tie(b.line, b.path);
    });
    warn_of_unknown(unknown, findings);
}

}  // namespace meshscope::config
