#include "tests/contract/backend.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace meshscope::contract {

std::vector<Implementation> implementations() {
    std::vector<Implementation> all{
        {"fake", [](std::chrono::milliseconds) { return make_fake_backend(); }},
        {"http v1", make_http_v1_backend},
        {"http api_v3", make_http_v3_backend},
    };
#ifdef MESHSCOPE_CONTRACT_GRPC
    const char* stand = std::getenv("MESHSCOPE_TEST_JAEGER");  // NOLINT(concurrency-mt-unsafe)
    if (stand != nullptr) {
        const std::string url = stand;
        return {{"real", [url](std::chrono::milliseconds timeout) {
                     return make_foreign_backend(url, timeout);
                 }}};
    }
    all.push_back({"grpc api_v2", make_grpc_v2_backend});
    all.push_back({"grpc api_v3", make_grpc_v3_backend});
#endif
    return all;
}

int kind_number(const std::string& kind) {
    constexpr std::array<std::string_view, 6> kKinds{
        "", "internal", "server", "client", "producer", "consumer"
    };
    return static_cast<int>(std::find(kKinds.begin(), kKinds.end(), kind) - kKinds.begin());
}

}  // namespace meshscope::contract
