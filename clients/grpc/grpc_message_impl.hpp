#pragma once

#include "clients/grpc/grpc_message.hpp"

#include <grpcpp/support/slice.h>

#include <cstddef>
#include <vector>

namespace meshscope::clients {

struct GrpcMessage::Impl {
    std::vector<grpc::Slice> slices;
    std::size_t size = 0;      // of all slices, at first
    std::size_t position = 0;  // of the slice to be read next
    std::size_t freed = 0;     // since memory was given back
};

}  // namespace meshscope::clients
