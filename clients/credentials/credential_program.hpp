#pragma once

#include "clients/credentials/program_output.hpp"
#include "clients/credentials/secret.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace meshscope::clients {

struct CredentialProgramOptions {
    Program program;
    std::string api_version;   // that its answer has to have
    std::string install_hint;  // for whoever does not have it; "" none
    std::chrono::milliseconds timeout{30'000};
    std::chrono::milliseconds pause{10'000};  // from the end of one run to the next at least
    std::chrono::seconds early{60};           // so long before what it gave expires it runs again
};

// A bearer token that a program gives as an ExecCredential. It runs on a thread of its own, from
// the first current() on, again before the token expires and after recheck(); a run that fails
// keeps a token that has not expired. Errors (kUpstreamAuth) name the program and never hold what
// it wrote.
class CredentialProgram final : public SecretSource {
 public:
    // `clock` outlives it.
    CredentialProgram(CredentialProgramOptions options, const Clock& clock);
    ~CredentialProgram() override;  // ends a program that runs

    Result<std::string> current() override;
    void recheck() override;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace meshscope::clients
