#pragma once

#include "tests/bench/process.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace meshscope::bench {

struct ServerSetup {
    std::string jaeger;  // "http://127.0.0.1:PORT/jaeger"; empty: no tracing
    bool grpc = false;
    std::string own = {};         // keys of the section `meshscope`, "  key: value\n" each
    std::string prometheus = {};  // "http://127.0.0.1:PORT", its answers are not kept; empty: none
};

// A fresh meshscope process with its configuration in a folder of its own.
class ServerUnderTest {
 public:
    ServerUnderTest(const std::string& program, const ServerSetup& setup);
    ~ServerUnderTest();

    [[nodiscard]] Child& process() { return *child_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
    std::string folder_;
    std::uint16_t port_;
    std::unique_ptr<Child> child_;
};

}  // namespace meshscope::bench
