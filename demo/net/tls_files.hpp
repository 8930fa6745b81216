#pragma once

#include <string>

namespace meshscope::demo {

// Who a server is: PEM files.
struct TlsFiles {
    std::string certificate;  // "": no TLS
    std::string key;
};

}  // namespace meshscope::demo
