#pragma once

#include "async/request_context.hpp"

#include <string_view>

namespace meshscope::business {

// Who may see which namespace. Asked for every span that leaves the server, so answers must be
// cheap: an implementation that has to ask a cluster prepares its answer before the request reaches
// business code. Usable from every thread.
class Access {
 public:
    virtual ~Access() = default;

    // True for callers with cluster-wide rights: nothing is hidden from them, spans without a known
    // namespace included.
    [[nodiscard]] virtual bool sees_all(const Caller& caller) const = 0;

    // `namespace_name` may be empty (unknown): visible to callers with cluster-wide rights only.
    [[nodiscard]] virtual bool visible(const Caller& caller, std::string_view namespace_name)
        const = 0;
};

// The anonymous strategy: a caller with cluster-wide rights sees everything, any other caller
// nothing.
class AnonymousAccess final : public Access {
 public:
    [[nodiscard]] bool sees_all(const Caller& caller) const override;
    [[nodiscard]] bool visible(const Caller& caller, std::string_view namespace_name)
        const override;
};

}  // namespace meshscope::business
