#pragma once

namespace meshscope::server {

// Every server of the process reads its certificate and key at its next handshake, whether they
// have changed or not. From any thread.
void read_certificates_again();

}  // namespace meshscope::server
