#pragma once

#include "app/tracing.hpp"
#include "clients/http/url.hpp"
#include "clients/store_finder.hpp"
#include "config/load.hpp"
#include "config/tracing_urls.hpp"

#include <string>

namespace meshscope::app {

// Makes a store for each try, out of a copy of the configuration in which only what is tried is
// other, with a governor and a breaker of its own; asks it for its services and lets go of it.
//
// Hosts other than the configured one are looked up first, and no address that is not safe to call
// (clients/http/safe_address.hpp) is connected to, also when the name has come to mean another one
// meanwhile.
class StoreFinder final : public clients::StoreFinder {
 public:
    // Configuration and target outlive the finder, as do the parts. The governor of the parts is
    // not used.
    StoreFinder(
        const config::Loaded& loaded, const config::TracingTarget& target, TracingParts parts
    )
        : loaded_(loaded), target_(target), parts_(std::move(parts)) {}

    Awaitable<Result<clients::StoreFinding>> try_one(
        RequestContext context, clients::StoreTarget target
    ) override;

 private:
    // Where gRPC is to connect to; "" the URL's host.
    Awaitable<Result<std::string>> safe_address(RequestContext context, clients::Url url) const;
    [[nodiscard]] Result<config::Loaded> settings(
        const clients::StoreTarget& target, const clients::Url& url
    ) const;

    const config::Loaded& loaded_;
    const config::TracingTarget& target_;
    const TracingParts parts_;
};

}  // namespace meshscope::app
