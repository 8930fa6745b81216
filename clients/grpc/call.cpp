#include "clients/grpc/call.hpp"

#include "clients/grpc/grpc_message_impl.hpp"

#include <grpcpp/channel.h>

#include <utility>

namespace meshscope::clients {

void CallRegistry::add(Call& call) {
    const std::scoped_lock lock(mutex_);
    calls_.insert(&call);
}

void CallRegistry::remove(Call& call) {
    const std::scoped_lock lock(mutex_);
    calls_.erase(&call);
}

bool CallRegistry::begin_operation() {
    const std::scoped_lock lock(mutex_);
    if (closed_) {
        return false;
    }
    ++operations_;
    return true;
}

void CallRegistry::end_operation() {
    const std::scoped_lock lock(mutex_);
    if (--operations_ == 0) {
        idle_.notify_all();
    }
}

void CallRegistry::drain() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    for (Call* call : calls_) {
        call->cancel();
    }
    idle_.wait(lock, [this] { return operations_ == 0; });
}

Call::Call(std::shared_ptr<CallRegistry> registry) : registry_(std::move(registry)) {
    registry_->add(*this);
}

Call::~Call() { registry_->remove(*this); }

void Call::start(
    std::shared_ptr<grpc::Channel> channel,
    const std::string& method,
    const std::string& request,
    grpc::CompletionQueue& queue
) {
    if (!begin(write_)) {
        return;
    }
    grpc::GenericStub stub(std::move(channel));
    // Corked: the headers leave with the request, and there is no event of their own.
    context_.set_initial_metadata_corked(true);
    stream_ = stub.PrepareCall(&context_, method, &queue);
    stream_->StartCall(nullptr);
    const grpc::Slice slice(request);
    const grpc::ByteBuffer message(&slice, 1);
    stream_->Write(message, grpc::WriteOptions().set_last_message(), &write_);
}

void Call::read(OnRead on_read) {
    on_read_ = std::move(on_read);
    if (stream_ == nullptr || !begin(read_)) {
        closed();
        return;
    }
    incoming_.Clear();
    stream_->Read(&incoming_, &read_);
}

void Call::cancel() {
    cancelled_ = true;
    context_.TryCancel();
}

GrpcMessage Call::take_message() {
    auto message = std::make_unique<GrpcMessage::Impl>();
    message->size = incoming_.Length();
    if (!incoming_.Dump(&message->slices).ok()) {
        message->slices.clear();
        message->size = 0;
    }
    incoming_.Clear();
    return GrpcMessage(std::move(message));
}

bool Call::begin(Event& event) {
    if (!registry_->begin_operation()) {
        return false;
    }
    event.call = shared_from_this();
    return true;
}

void Call::Event::complete(bool ok) {
    const std::shared_ptr<CallRegistry> registry = call->registry_;
    {
        const std::shared_ptr<Call> alive = std::move(call);
        ((*alive).*then)(ok);
    }
    registry->end_operation();
}

void Call::written(bool) {}  // a failed write shows as a failed read, which asks for the status

void Call::received(bool ok) {
    if (ok) {
        report(Outcome::kMessage);
        return;
    }
    if (!begin(finish_)) {
        closed();
        return;
    }
    stream_->Finish(&status_, &finish_);
}

void Call::closed() {
    cancelled_ = true;
    status_ = grpc::Status(grpc::StatusCode::CANCELLED, "the channel is closed");
    report(Outcome::kEnd);
}

void Call::finished(bool) { report(Outcome::kEnd); }

void Call::report(Outcome outcome) {
    const OnRead on_read = std::move(on_read_);
    on_read_ = nullptr;
    on_read(outcome);
}

}  // namespace meshscope::clients
