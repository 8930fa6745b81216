#include "clients/grpc/grpc_message.hpp"

#include "clients/grpc/grpc_message_impl.hpp"

#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace meshscope::clients {

namespace {

constexpr std::size_t kGiveBack = 32UL * 1024 * 1024;

// gRPC's buffers come from its own threads, whose freed memory malloc keeps for them.
void give_back_freed_memory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

}  // namespace

GrpcMessage::GrpcMessage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcMessage::GrpcMessage(GrpcMessage&&) noexcept = default;
GrpcMessage& GrpcMessage::operator=(GrpcMessage&&) noexcept = default;
GrpcMessage::~GrpcMessage() = default;

std::size_t GrpcMessage::size() const { return impl_->size; }

std::optional<std::string_view> GrpcMessage::next() {
    Impl& self = *impl_;
    if (self.position > 0) {
        grpc::Slice& read = self.slices[self.position - 1];
        self.freed += read.size();
        read = grpc::Slice();
    }
    if (self.freed >= kGiveBack) {
        self.freed = 0;
        give_back_freed_memory();
    }
    while (self.position < self.slices.size()) {
        const grpc::Slice& slice = self.slices[self.position++];
        if (slice.size() > 0) {
            return std::string_view(reinterpret_cast<const char*>(slice.begin()), slice.size());
        }
    }
    self.slices.clear();
    self.position = 0;
    return std::nullopt;
}

std::string GrpcMessage::take() {
    std::string bytes;
    bytes.reserve(impl_->position == 0 ? impl_->size : 0);
    while (const auto piece = next()) {
        bytes.append(*piece);
    }
    return bytes;
}

}  // namespace meshscope::clients
