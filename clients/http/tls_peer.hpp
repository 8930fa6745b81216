#pragma once

#include "clients/http/fault.hpp"

#include <optional>
#include <string>

struct ssl_st;

namespace meshscope::clients {

// What happened in one handshake. Attached to OpenSSL's connection object, so it has to outlive
// that.
class TlsPeer {
 public:
    // Sets name checks, SNI and callbacks on `connection`. False when the host cannot be a name.
    bool attach(ssl_st* connection, const std::string& host, bool skip_verify);

    // Why OpenSSL gave `error_code` (as ERR_get_error() has it), during the handshake or later.
    [[nodiscard]] Fault explain(unsigned long error_code, bool identity_sent) const;
    [[nodiscard]] bool asked_for_identity() const { return asked_for_identity_; }

    // For the callbacks.
    void note_failure(int verify_error, void* store_context);
    void note_identity_request() { asked_for_identity_ = true; }

 private:
    [[nodiscard]] Fault explain_verification() const;

    std::string host_;
    int verify_error_ = 0;
    std::string names_;  // of the certificate, for people
    std::string not_after_;
    std::string not_before_;
    std::string issuer_;
    bool asked_for_identity_ = false;
};

}  // namespace meshscope::clients
