#pragma once

#include "async/request_context.hpp"
#include "core/error.hpp"

#include <optional>
#include <string_view>

namespace meshscope::business {

// Who may see which namespace. Asked for every span, line and object that leaves the server;
// answers come from what was put into the Caller before, so they cost a binary search and never
// wait. Usable from every thread.
class Access {
 public:
    virtual ~Access() = default;

    // True for callers with cluster-wide rights: nothing is hidden from them, spans without a known
    // namespace included.
    [[nodiscard]] virtual bool sees_all(const Caller& caller) const = 0;

    // `name_space` may be empty (unknown): visible to callers with cluster-wide rights only.
    [[nodiscard]] virtual bool visible(const Caller& caller, std::string_view name_space) const = 0;
};

// What the Caller itself says: cluster-wide, or a list of namespaces, or nothing.
class CallerAccess final : public Access {
 public:
    [[nodiscard]] bool sees_all(const Caller& caller) const override;
    [[nodiscard]] bool visible(const Caller& caller, std::string_view name_space) const override;
};

// kForbidden, in the same words whether the namespace exists or not; nullopt: go on. The first line
// of every use case that is given a namespace.
[[nodiscard]] std::optional<Error> refuse_namespace(
    const Access& access, const Caller& caller, std::string_view name_space
);

// The error of refuse_namespace.
[[nodiscard]] Error not_accessible(std::string_view name_space);

// Who everybody is where nobody logs in: sees all and acts with the server's own account.
[[nodiscard]] Caller anonymous_caller();

}  // namespace meshscope::business
