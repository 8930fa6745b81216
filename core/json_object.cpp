#include "core/json_object.hpp"

#include "core/text.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace meshscope {

namespace {

constexpr int kDeepest = 32;

void append_utf8(std::string& out, std::uint32_t code) {
    const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | code >> 6U);
        add(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12U);
        add(0x80 | (code >> 6U & 0x3FU));
        add(0x80 | (code & 0x3FU));
    } else {
        add(0xF0 | code >> 18U);
        add(0x80 | (code >> 12U & 0x3FU));
        add(0x80 | (code >> 6U & 0x3FU));
        add(0x80 | (code & 0x3FU));
    }
}

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    bool document(std::vector<JsonMember>& members) {
        space();
        if (!object(members, kDeepest)) {
            return false;
        }
        space();
        return at_ == text_.size();
    }

 private:
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void space() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }

    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) {
            return false;
        }
        ++at_;
        return true;
    }

    bool word(std::string_view expected) {
        if (text_.substr(at_, expected.size()) != expected) {
            return false;
        }
        at_ += expected.size();
        return true;
    }

    bool digits() {
        const std::size_t from = at_;
        while (peek() >= '0' && peek() <= '9') {
            ++at_;
        }
        return at_ > from;
    }

    bool number() {
        take('-');
        if (!take('0') && !digits()) {
            return false;
        }
        if (take('.') && !digits()) {
            return false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) {
                take('-');
            }
            return digits();
        }
        return true;
    }

    bool hex4(std::uint32_t& code) {
        const std::string_view four = text_.substr(at_, 4);
        const auto [end, problem] =
            std::from_chars(four.data(), four.data() + four.size(), code, 16);
        at_ += four.size();
        return four.size() == 4 && problem == std::errc() && end == four.data() + 4;
    }

    // Behind "\u". Half of a pair alone becomes U+FFFD.
    bool unicode(std::string& out) {
        std::uint32_t code = 0;
        if (!hex4(code)) {
            return false;
        }
        if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
            const std::size_t before = at_;
            std::uint32_t low = 0;
            at_ += 2;
            if (!hex4(low)) {
                return false;
            }
            if (low >= 0xDC00 && low < 0xE000) {
                code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
            } else {
                at_ = before;
            }
        }
        append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
        return true;
    }

    bool escape(std::string& out) {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        if (take('u')) {
            return unicode(out);
        }
        const std::size_t which = kLetters.find(peek());
        if (at_ >= text_.size() || which == std::string_view::npos) {
            return false;
        }
        out += kMeanings[which];
        ++at_;
        return true;
    }

    bool string(std::string& out) {
        if (!take('"')) {
            return false;
        }
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '"') {
                return is_valid_utf8(out);
            }
            if (c == '\\') {
                if (!escape(out)) {
                    return false;
                }
            } else if (static_cast<unsigned char>(c) < 0x20) {
                return false;
            } else {
                out += c;
            }
        }
        return false;
    }

    bool list(int depth) {
        ++at_;
        space();
        if (take(']')) {
            return true;
        }
        do {
            std::string ignored;
            bool is_text = false;
            space();
            if (!value(ignored, is_text, depth)) {
                return false;
            }
            space();
        } while (take(','));
        return take(']');
    }

    bool value(std::string& out, bool& is_text, int depth) {
        if (depth == 0) {
            return false;
        }
        is_text = peek() == '"';
        if (is_text) {
            return string(out);
        }
        const std::size_t from = at_;
        std::vector<JsonMember> ignored;
        const char first = peek();
        const bool fine = first == '{'   ? object(ignored, depth - 1)
                          : first == '[' ? list(depth - 1)
                          : first == 't' ? word("true")
                          : first == 'f' ? word("false")
                          : first == 'n' ? word("null")
                                         : number();
        out = text_.substr(from, at_ - from);
        return fine;
    }

    bool object(std::vector<JsonMember>& members, int depth) {
        if (depth == 0 || !take('{')) {
            return false;
        }
        space();
        if (take('}')) {
            return true;
        }
        do {
            JsonMember member;
            space();
            if (!string(member.name)) {
                return false;
            }
            space();
            if (!take(':')) {
                return false;
            }
            space();
            if (!value(member.value, member.is_text, depth)) {
                return false;
            }
            members.push_back(std::move(member));
            space();
        } while (take(','));
        return take('}');
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<JsonObject> JsonObject::parse(std::string_view text) {
    JsonObject object;
    if (!Parser(text).document(object.members_)) {
        return std::nullopt;
    }
    return object;
}

const JsonMember* JsonObject::find(std::string_view name) const {
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
        if (member->name == name) {
            return &*member;
        }
    }
    return nullptr;
}

std::optional<std::string_view> JsonObject::text(std::string_view name) const {
    const JsonMember* member = find(name);
    return member != nullptr && member->is_text ? std::optional<std::string_view>(member->value)
                                                : std::nullopt;
}

std::optional<double> JsonObject::number(std::string_view name) const {
    const JsonMember* member = find(name);
    double value = 0;
    if (member == nullptr || member->is_text) {
        return std::nullopt;
    }
    const char* end = member->value.data() + member->value.size();
    const auto read = std::from_chars(member->value.data(), end, value);
    const bool fine = read.ec == std::errc() && read.ptr == end && std::isfinite(value);
    return fine ? std::optional<double>(value) : std::nullopt;
}

std::optional<JsonObject> JsonObject::object(std::string_view name) const {
    const JsonMember* member = find(name);
    return member != nullptr && !member->is_text ? parse(member->value) : std::nullopt;
}

}  // namespace meshscope
