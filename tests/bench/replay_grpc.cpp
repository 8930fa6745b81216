#include "tests/bench/replay_grpc.hpp"

#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/slice.h>

#include <stdexcept>
#include <utility>

namespace meshscope::bench {

namespace {

using Buffers = std::vector<grpc::ByteBuffer>;
using Table = std::map<std::string, Buffers>;

// Reads the request, writes all messages, ends.
class Call final : public grpc::ServerGenericBidiReactor {
 public:
    explicit Call(const Buffers* answer) : answer_(answer) {
        if (answer_ == nullptr) {
            Finish({grpc::StatusCode::UNIMPLEMENTED, "not in this replay"});
        } else {
            StartRead(&request_);
        }
    }

    void OnReadDone(bool /*ok*/) override { write(); }
    void OnWriteDone(bool ok) override {
        if (ok) {
            write();
        } else {
            Finish(grpc::Status::CANCELLED);
        }
    }
    void OnDone() override { delete this; }

 private:
    void write() {
        if (next_ == answer_->size()) {
            Finish(grpc::Status::OK);
        } else {
            StartWrite(&(*answer_)[next_++]);
        }
    }

    const Buffers* answer_;
    std::size_t next_ = 0;
    grpc::ByteBuffer request_;
};

class Service final : public grpc::CallbackGenericService {
 public:
    Service(Table table, std::function<void(const std::string&)> on_call)
        : table_(std::move(table)), on_call_(std::move(on_call)) {}

    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context
    ) override {
        const auto found = table_.find(context->method());
        if (found == table_.end()) {
            return new Call(nullptr);
        }
        on_call_(found->first);
        return new Call(&found->second);
    }

 private:
    Table table_;
    std::function<void(const std::string&)> on_call_;
};

Table table_of(const GrpcReplay::Answers& answers) {
    Table table;
    for (const auto& [method, messages] : answers) {
        Buffers& buffers = table[method];
        for (const std::string& message : messages) {
            const grpc::Slice slice(message);
            buffers.emplace_back(&slice, 1);
        }
    }
    return table;
}

}  // namespace

struct GrpcReplay::Impl {
    Impl(
        std::uint16_t port, const Answers& answers, std::function<void(const std::string&)> on_call
    )
        : service(table_of(answers), std::move(on_call)) {
        grpc::ServerBuilder builder;
        builder.AddListeningPort(
            fmt::format("127.0.0.1:{}", port), grpc::InsecureServerCredentials()
        );
        builder.RegisterCallbackGenericService(&service);
        server = builder.BuildAndStart();
        if (!server) {
            throw std::runtime_error(fmt::format("cannot listen on port {}", port));
        }
    }

    Service service;
    std::unique_ptr<grpc::Server> server;
};

GrpcReplay::GrpcReplay(
    std::uint16_t port,
    const Answers& answers,
    std::function<void(const std::string& method)> on_call
)
    : impl_(std::make_unique<Impl>(port, answers, std::move(on_call))) {}

GrpcReplay::~GrpcReplay() = default;

}  // namespace meshscope::bench
