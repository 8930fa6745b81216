#include "config/effective.hpp"

#include "config/describe.hpp"
#include "config/duration.hpp"
#include "config/mask.hpp"
#include "config/tracing_urls.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace meshscope::config {

namespace {

// Words that YAML reads as something else than text.
constexpr std::array<std::string_view, 10> kWords{
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"
};

bool is_plain(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto inner = [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
    };
    return !text.empty() && (letter(text.front()) || text.front() == '/') &&
           std::all_of(text.begin(), text.end(), inner) &&
           std::find(kWords.begin(), kWords.end(), to_lower(text)) == kWords.end();
}

std::string quoted(std::string_view text) {
    if (is_plain(text)) {
        return std::string(text);
    }
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    std::string out;
    if (!printable) {
        append_json_string(out, text);
        return out;
    }
    out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("''") : std::string(1, c);
    }
    return out + "'";
}

std::string shown(const Key& key, std::string_view text) {
    if (key.check.is_secret) {
        return text.empty() ? "''" : std::string(kMasked);
    }
    return quoted(mask_urls(text));
}

class Dumper final : public Visitor {
 public:
    void value(const Key& key, bool& member) override { line(key, member ? "true" : "false"); }
    void value(const Key& key, std::int64_t& member) override { line(key, std::to_string(member)); }
    void value(const Key& key, double& member) override {
        if (!std::isfinite(member)) {
            line(key, std::isnan(member) ? ".nan" : member > 0 ? ".inf" : "-.inf");
            return;
        }
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, member).ptr;
        line(key, std::string(digits, end));
    }
    void value(const Key& key, std::string& member) override { line(key, shown(key, member)); }
    void value(const Key& key, std::optional<bool>& member) override {
        if (member) {
            value(key, *member);
        }
    }
    void value(const Key& key, std::optional<std::string>& member) override {
        if (member) {
            value(key, *member);
        }
    }
    void value(const Key& key, std::chrono::seconds& member) override {
        line(key, std::to_string(member.count()));
    }
    void value(const Key& key, std::chrono::nanoseconds& member) override {
        line(key, format_duration(member));
    }
    void value(const Key& key, TextList& member) override {
        line(key, member.empty() ? "[]" : "");
        for (const std::string& item : member) {
            text_ += indent(indent_) + "- " + shown(key, item) + "\n";
        }
    }
    void value(const Key& key, TextMap& member) override {
        line(key, member.empty() ? "{}" : "");
        for (const auto& [name, item] : member) {
            text_ += indent(indent_ + 1) + quoted(mask_urls(name)) + ": " + shown(key, item) + "\n";
        }
    }
    void dropped(const Key& /*key*/) override {}

    [[nodiscard]] std::string take() { return std::move(text_); }

 protected:
    bool enter(const Key& key) override {
        line(key, "");
        ++indent_;
        return true;
    }
    bool enter_item(const Key& /*key*/, std::size_t /*index*/) override {
        starts_item_ = true;
        ++indent_;
        return true;
    }
    bool enter_map(const Key& key, std::vector<std::string>& names) override {
        line(key, names.empty() ? "{}" : "");
        ++indent_;
        return true;
    }
    void leave() override { --indent_; }
    std::optional<std::size_t> list_size(const Key& key, std::size_t current) override {
        line(key, current == 0 ? "[]" : "");
        return current;
    }

 private:
    static std::string indent(int depth) {
        return std::string(static_cast<std::size_t>(depth) * 2, ' ');
    }

    void line(const Key& key, std::string_view value) {
        if (starts_item_) {
            text_ += indent(indent_ - 1) + "- ";
            starts_item_ = false;
        } else {
            text_ += indent(indent_);
        }
        text_ += quoted(key.name);
        text_ += value.empty() ? ":" : ": ";
        text_ += value;
        text_ += '\n';
    }

    std::string text_;
    int indent_ = 0;
    bool starts_item_ = false;
};

std::string transport_words(Transport transport) {
    switch (transport) {
        case Transport::kGrpc:
            return "gRPC";
        case Transport::kHttp:
            return "HTTP";
        case Transport::kGrpcThenHttp:
            return "gRPC, else HTTP";
    }
    return "";
}

std::string tracing_comment(const Tracing& tracing) {
    const TracingTarget target = resolve_tracing(tracing);
    if (!target.enabled) {
        return "# tracing: off" +
               (target.off_reason.empty() ? "" : " (" + target.off_reason + ")") + "\n";
    }
    std::string text = "# tracing: ";
    text += target.integration ? "reads from " + quoted(mask_urls(target.internal_url)) + " over " +
                                     transport_words(target.transport)
                               : "links only";
    return text +
           (target.external_url.empty() ? ""
                                        : std::string(target.integration ? ", links" : "") +
                                              " to " + quoted(mask_urls(target.external_url))) +
           "\n";
}

}  // namespace

std::string effective_yaml(const Config& config) {
    Config copy = config;
    Dumper dumper;
    describe(dumper, copy);
    return tracing_comment(config.external_services.tracing) + dumper.take();
}

}  // namespace meshscope::config
