#include "config/yaml_tree.hpp"

#include "core/text.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace meshscope::config {

namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMaxWeight = 1'000'000;
constexpr int kMaxDepth = 64;
constexpr std::string_view kNullTag = "tag:yaml.org,2002:null";

Error at_line(int line, const std::string& text) {
    return {ErrorKind::kInvalidArgument, "line " + std::to_string(line) + ": " + text};
}

void measure(YamlNode& node) {
    node.weight = 1;
    node.depth = 1;
    const auto count = [&](const YamlNode& child) {
        node.weight = std::min(kMaxWeight + 1, node.weight + child.weight);
        node.depth = std::max(node.depth, child.depth + 1);
    };
    for (const YamlPtr& item : node.items) {
        count(*item);
    }
    for (const YamlEntry& entry : node.entries) {
        count(*entry.value);
    }
}

YamlPtr combine(const YamlPtr& before, const YamlPtr& after) {
    if (before->kind != Kind::kMap || after->kind != Kind::kMap) {
        return after;
    }
    auto both = std::make_shared<YamlNode>(*before);
    for (const YamlEntry& entry : after->entries) {
        const auto same =
            std::find_if(both->entries.begin(), both->entries.end(), [&](const YamlEntry& e) {
                return e.key == entry.key;
            });
        if (same == both->entries.end()) {
            both->entries.push_back(entry);
        } else {
            *same = {entry.key, entry.line, combine(same->value, entry.value)};
        }
    }
    measure(*both);
    return both;
}

// True when the quoted scalar that begins at `begin` is closed before the text ends.
bool quote_is_closed(std::string_view text, std::size_t begin) {
    const char quote = text[begin];
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
                ++i;
            } else {
                return true;
            }
        }
    }
    return false;
}

// Builds nodes from the parser's events. After the first failure the rest is ignored.
class Builder final : public YAML::EventHandler {
 public:
    explicit Builder(std::string_view source) : source_(source) {}

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        begin(Kind::kNull, mark, "", anchor);
        finish();
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) {
            fail(mark.line + 1, "the alias refers to a value that contains it");
            return;
        }
        add(known->second);
    }

    void OnScalar(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        const std::string& value
    ) override {
        const auto offset = static_cast<std::size_t>(std::max(0, mark.pos));
        if (tag == "!" && offset < source_.size() &&
            (source_[offset] == '\'' || source_[offset] == '"') &&
            !quote_is_closed(source_, offset)) {
            fail(mark.line + 1, "the quote that opens here is never closed");
            return;
        }
        begin(tag == kNullTag ? Kind::kNull : Kind::kScalar, mark, tag, anchor);
        stack_.back().node->text = value;
        finish();
    }

    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value /*style*/
    ) override {
        begin(Kind::kList, mark, tag, anchor);
    }
    void OnSequenceEnd() override { finish(); }

    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value /*style*/
    ) override {
        begin(Kind::kMap, mark, tag, anchor);
    }
    void OnMapEnd() override {
        if (!failure_) {
            gather_entries(stack_.back());
        }
        finish();
    }

    [[nodiscard]] Result<YamlPtr> take() const {
        if (failure_) {
            return *failure_;
        }
        return root_ ? root_ : std::make_shared<YamlNode>();
    }

 private:
    struct Frame {
        std::shared_ptr<YamlNode> node;
        YAML::anchor_t anchor = 0;
        std::vector<YamlPtr> children;  // of a map: key, value, key, value
    };

    void fail(int line, const std::string& text) {
        if (!failure_) {
            failure_ = at_line(line, text);
        }
    }

    void begin(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        auto node = std::make_shared<YamlNode>();
        node->kind = kind;
        node->line = mark.line + 1;
        node->plain = tag == "?";
        node->tag = tag == "?" || tag == "!" ? "" : tag;
        stack_.push_back({std::move(node), anchor, {}});
    }

    void finish() {
        if (stack_.empty()) {
            return;
        }
        Frame frame = std::move(stack_.back());
        stack_.pop_back();
        if (frame.node->kind == Kind::kList) {
            frame.node->items = std::move(frame.children);
        }
        measure(*frame.node);
        if (frame.node->depth > kMaxDepth) {
            fail(
                frame.node->line,
                "values are nested deeper than " + std::to_string(kMaxDepth) + " levels"
            );
        }
        if (frame.node->weight > kMaxWeight) {
            fail(frame.node->line, "aliases expand to more than a million values");
        }
        if (frame.anchor != 0) {
            anchors_[frame.anchor] = frame.node;
        }
        add(frame.node);
    }

    void add(const YamlPtr& node) {
        if (failure_) {
            return;
        }
        if (stack_.empty()) {
            root_ = node;
        } else {
            stack_.back().children.push_back(node);
        }
    }

    void gather_entries(Frame& frame) {
        auto explicit_keys = std::make_shared<YamlNode>();
        explicit_keys->kind = Kind::kMap;
        auto merged_keys = std::make_shared<YamlNode>();
        merged_keys->kind = Kind::kMap;
        for (std::size_t i = 0; i + 1 < frame.children.size(); i += 2) {
            const YamlNode& key = *frame.children[i];
            const YamlPtr& value = frame.children[i + 1];
            if (key.kind == Kind::kScalar && key.plain && key.text == "<<") {
                merge(*merged_keys, *value, key.line);
            } else if (key.kind == Kind::kList || key.kind == Kind::kMap) {
                fail(key.line, "a key must be text");
            } else {
                const std::string name = key.kind == Kind::kNull ? "null" : key.text;
                put(explicit_keys->entries, {name, key.line, value}, true);
            }
        }
        frame.node->entries = std::move(explicit_keys->entries);
        for (const YamlEntry& entry : merged_keys->entries) {
            put(frame.node->entries, entry, false);
        }
    }

    void put(std::vector<YamlEntry>& entries, const YamlEntry& entry, bool last_wins) {
        const auto same = std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& e) {
            return e.key == entry.key;
        });
        if (same == entries.end()) {
            entries.push_back(entry);
        } else if (last_wins) {
            *same = {entry.key, entry.line, combine(same->value, entry.value)};
        }
    }

    void merge(YamlNode& into, const YamlNode& value, int line) {
        if (value.kind == Kind::kMap) {
            for (const YamlEntry& entry : value.entries) {
                put(into.entries, entry, false);
            }
            return;
        }
        bool all_maps = value.kind == Kind::kList;
        for (const YamlPtr& item : value.items) {
            all_maps = all_maps && item->kind == Kind::kMap;
        }
        if (!all_maps) {
            fail(line, "<< needs a map or a list of maps");
            return;
        }
        for (const YamlPtr& item : value.items) {
            merge(into, *item, line);
        }
    }

    std::string_view source_;
    std::vector<Frame> stack_;
    std::map<YAML::anchor_t, YamlPtr> anchors_;
    YamlPtr root_;
    std::optional<Error> failure_;
};

// The parser's words, without names or values out of the file.
Error malformed(const YAML::Exception& problem, std::string_view text) {
    const int line = problem.mark.is_null() ? 1 : problem.mark.line + 1;
    const std::vector<std::string_view> lines = split(text, '\n');
    const auto index = static_cast<std::size_t>(line - 1);
    const std::string_view culprit = index < lines.size() ? lines[index] : std::string_view();
    const std::size_t first = culprit.find_first_not_of(' ');
    if (first != std::string_view::npos && culprit[first] == '\t') {
        return at_line(line, "indented with a tab; YAML wants spaces");
    }
    static constexpr std::string_view kUnknownAnchor = "the referenced anchor is not defined";
    std::string_view words = problem.msg;
    if (words.starts_with(kUnknownAnchor)) {
        words = kUnknownAnchor;  // the rest is its name
    } else if (words == "bad file") {
        words = "nested too deeply";
    }
    return at_line(line, "not valid YAML: " + std::string(words));
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) {
            return &entry;
        }
    }
    return nullptr;
}

Result<YamlPtr> parse_yaml(std::string_view text) {
    if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE")) {
        return Error(ErrorKind::kInvalidArgument, "the file is UTF-16; save it as UTF-8");
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    if (!is_valid_utf8(text)) {
        int line = 1;
        for (const std::string_view row : split(text, '\n')) {
            if (!is_valid_utf8(row)) {
                break;
            }
            ++line;
        }
        return at_line(line, "not valid UTF-8");
    }
    if (text.find('\0') != std::string_view::npos) {
        return Error(ErrorKind::kInvalidArgument, "the file holds a zero byte; it is not text");
    }
    std::istringstream stream{std::string(text)};
    Builder builder(text);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
    } catch (const YAML::Exception& problem) {
        return malformed(problem, text);
    }
    return builder.take();
}

}  // namespace meshscope::config
