#include "tests/contract/backend.hpp"

namespace meshscope::contract {

std::vector<Implementation> implementations() {
    std::vector<Implementation> all{
        {"fake", [](std::chrono::milliseconds) { return make_fake_backend(); }},
        {"http v1", make_http_v1_backend},
        {"http api_v3", make_http_v3_backend},
    };
#ifdef MESHSCOPE_CONTRACT_GRPC
    all.push_back({"grpc api_v2", make_grpc_v2_backend});
    all.push_back({"grpc api_v3", make_grpc_v3_backend});
#endif
    return all;
}

}  // namespace meshscope::contract
