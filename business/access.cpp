#include "business/access.hpp"

namespace meshscope::business {

bool AnonymousAccess::sees_all(const Caller& caller) const { return caller.cluster_wide; }

bool AnonymousAccess::visible(const Caller& caller, std::string_view /*namespace_name*/) const {
    return caller.cluster_wide;
}

}  // namespace meshscope::business
