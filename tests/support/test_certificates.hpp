#pragma once

#include <string>
#include <vector>

namespace meshscope::test {

struct TestCertificate {
    std::string certificate;  // PEM
    std::string key;          // PEM
};

// A certificate authority that lives for one test.
class TestAuthority {
 public:
    explicit TestAuthority(const std::string& name = "Test CA");

    [[nodiscard]] const std::string& certificate() const { return own_.certificate; }

    // For servers and clients, signed by this authority. `names` are DNS names or IP addresses;
    // valid from an hour ago for `hours` from now (negative: expired).
    [[nodiscard]] TestCertificate issue(const std::vector<std::string>& names, int hours = 24)
        const;

    // A server's certificate that nobody but itself has signed.
    [[nodiscard]] static TestCertificate self_signed(const std::vector<std::string>& names);

 private:
    TestCertificate own_;
};

}  // namespace meshscope::test
