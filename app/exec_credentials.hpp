#pragma once

#include "clients/credentials/secret.hpp"
#include "config/kubeconfig.hpp"
#include "core/clock.hpp"

namespace meshscope::app {

// The token that the context's program gives (`exec` is set); the program runs when it is asked
// for.
clients::Secret token_by_program(const config::KubeContext& context, const Clock& clock);

}  // namespace meshscope::app
