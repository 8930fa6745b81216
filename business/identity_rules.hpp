#pragma once

#include "business/identity.hpp"
#include "business/identity_clues.hpp"

namespace meshscope::business {

// By the span's own words only.
SpanIdentity identity_alone(const IdentityClues& clues);

struct Resolved {
    SpanIdentity identity;
    bool by_time = false;  // another time may give another answer: addresses were looked at
};
// Held against the cluster.
Resolved identity_in(const IdentityClues& clues, const models::ClusterSnapshot& cluster);

}  // namespace meshscope::business
