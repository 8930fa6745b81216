#pragma once

#include "config/config.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The key table: describe() names each key of a section once, with its member, its mark and its
// meaning. Decoding, the reference page, the dump, range checks and the search for unknown keys are
// visitors over it, so a key added here is known to all of them.
namespace meshscope::config {

enum class Mark : std::uint8_t {
    kUsed,       // changes what this version does or publishes
    kParsed,     // checked and kept; nothing reads it yet (on a section: nothing below it either)
    kRetired,    // had a meaning once; anything is accepted and dropped
    kInstaller,  // read by the installer that writes the file; accepted and dropped
};

// What a value must be, beyond its type. Built fluently: check().one_of("a|b").
struct Check {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::string_view words;                        // the allowed words, separated by '|'
    bool is_secret = false;                        // never printed
    bool is_lenient = false;                       // a bad value is a warning and the default stays
    std::chrono::nanoseconds minimum_duration{0};  // with is_lenient: below, this value is taken
    std::chrono::nanoseconds seconds_below{0};     // 0 < value < this was meant as seconds

    [[nodiscard]] Check range(std::int64_t low, std::int64_t high) const;
    [[nodiscard]] Check one_of(std::string_view allowed) const;
    [[nodiscard]] Check secret() const;
    [[nodiscard]] Check lenient(std::chrono::nanoseconds minimum = {}) const;
    [[nodiscard]] Check small_is_seconds() const;
    [[nodiscard]] std::string range_words() const;  // "1 to 10", "at least 0"; empty: no range
    [[nodiscard]] bool allows(std::string_view word) const;
};

struct Key {
    std::string_view name;
    Mark mark = Mark::kParsed;
    std::string_view meaning;  // one line of Markdown
    Check check;
};

// Short forms for the tables.
inline Key used(std::string_view name, std::string_view meaning, Check check = {}) {
    return {name, Mark::kUsed, meaning, check};
}
inline Key parsed(std::string_view name, std::string_view meaning, Check check = {}) {
    return {name, Mark::kParsed, meaning, check};
}
inline Key retired(std::string_view name, std::string_view meaning) {
    return {name, Mark::kRetired, meaning, {}};
}

class Visitor {
 public:
    virtual ~Visitor() = default;

    virtual void value(const Key& key, bool& member) = 0;
    virtual void value(const Key& key, std::int64_t& member) = 0;
    virtual void value(const Key& key, double& member) = 0;
    virtual void value(const Key& key, std::string& member) = 0;
    virtual void value(const Key& key, std::optional<bool>& member) = 0;
    virtual void value(const Key& key, std::optional<std::string>& member) = 0;
    virtual void value(const Key& key, std::chrono::seconds& member) = 0;      // whole seconds
    virtual void value(const Key& key, std::chrono::nanoseconds& member) = 0;  // "1m30s"
    virtual void value(const Key& key, TextList& member) = 0;
    virtual void value(const Key& key, TextMap& member) = 0;

    // A key whose value is accepted, whatever it is, and dropped.
    virtual void dropped(const Key& key) = 0;

    // Keys that only the installer reads.
    void installer(std::initializer_list<std::string_view> names);

    // A nested section, described by describe(Visitor&, Section&).
    template <class Section>
    void section(const Key& key, Section& member) {
        if (enter(key)) {
            describe(*this, member);
            leave();
        }
    }

    template <class Item>
    void list(const Key& key, std::vector<Item>& member) {
        const std::optional<std::size_t> size = list_size(key, member.size());
        if (!size) {
            return;
        }
        if (replaces_lists()) {
            member.clear();
        }
        member.resize(*size);
        for (std::size_t i = 0; i < member.size(); ++i) {
            if (enter_item(key, i)) {
                describe(*this, member[i]);
                leave();
            }
        }
    }

    // A map of names, chosen by the user, to lists.
    template <class Item>
    void map_of_lists(const Key& key, std::map<std::string, std::vector<Item>>& member) {
        std::vector<std::string> names;
        for (const auto& [name, items] : member) {
            names.push_back(name);
        }
        if (!enter_map(key, names)) {
            return;
        }
        for (const std::string& name : names) {
            list(Key{name, key.mark, key.meaning, key.check}, member[name]);
        }
        leave();
    }

 protected:
    // False: the section is not visited, its members stay as they are.
    virtual bool enter(const Key& key) = 0;
    virtual bool enter_item(const Key& key, std::size_t index) = 0;
    // `names`: in, what the member holds; out, what to visit.
    virtual bool enter_map(const Key& key, std::vector<std::string>& names) = 0;
    virtual void leave() = 0;
    // How many items the member, which has `current`, shall have; nullopt leaves it alone,
    // unvisited.
    virtual std::optional<std::size_t> list_size(const Key& key, std::size_t current) = 0;
    // True when the items of a list start afresh.
    [[nodiscard]] virtual bool replaces_lists() const { return false; }
};

}  // namespace meshscope::config
