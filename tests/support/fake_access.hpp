#pragma once

#include "business/access.hpp"

#include <set>
#include <string>
#include <utility>

namespace meshscope::test {

// Rights to a fixed set of namespaces, for whoever asks.
class FakeAccess final : public business::Access {
 public:
    explicit FakeAccess(std::set<std::string, std::less<>> namespaces)
        : namespaces_(std::move(namespaces)) {}

    [[nodiscard]] bool sees_all(const Caller& /*caller*/) const override { return false; }
    [[nodiscard]] bool visible(const Caller& /*caller*/, std::string_view name_space)
        const override {
        return namespaces_.contains(name_space);
    }

 private:
    std::set<std::string, std::less<>> namespaces_;
};

}  // namespace meshscope::test
