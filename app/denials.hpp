#pragma once

#include "app/audit_log.hpp"
#include "handlers/parts.hpp"
#include "server/router.hpp"

#include <memory>

namespace meshscope::app {

// The same routes, each of which tells the audit what it denies to whom. Logins tell of themselves,
// and who brings no credentials and is asked for some is not denied anything. `parts.login` is not
// null.
std::shared_ptr<const server::Router> telling_denials(
    const server::Router& routes, const handlers::Parts& parts, std::shared_ptr<AuditLog> audit
);

}  // namespace meshscope::app
