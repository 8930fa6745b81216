#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "clients/jaeger/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::clients::jaeger {

// Messages of one answer on their way to traces. One thread at a time.
class SpanCollector {
 public:
    virtual ~SpanCollector() = default;
    // False when malformed: the whole spans before the fault are kept.
    virtual bool add(GrpcMessage message) = 0;
    [[nodiscard]] virtual std::size_t trace_count() const = 0;
    [[nodiscard]] virtual std::size_t span_count() const = 0;
    [[nodiscard]] virtual std::uint64_t dropped() const = 0;  // spans without a usable trace id
    [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
    [[nodiscard]] virtual bool full() const = 0;  // add() stopped at the memory limit
    // `cut`: the answer ended early, so the trace that got the last span comes last and says so.
    virtual std::vector<models::TracePtr> finish(bool cut) = 0;
};

// Longer messages, and all of an answer that has become long, are read piece by piece: they do not
// exist whole beside what is made of them.
inline constexpr std::size_t kKeptWhole = 1024UL * 1024;
inline constexpr std::size_t kKeptInAll = 32UL * 1024 * 1024;

template <class Decoder>
class SpanCollectorOf final : public SpanCollector {
 public:
    explicit SpanCollectorOf(std::size_t memory_limit) { decoder_.set_memory_limit(memory_limit); }

    bool add(GrpcMessage message) override {
        kept_ += message.size();
        if (message.size() > kKeptWhole || kept_ > kKeptInAll) {
            return decoder_.add(static_cast<ByteChunks&>(message));
        }
        return decoder_.add(message.take());
    }
    [[nodiscard]] std::size_t trace_count() const override { return decoder_.trace_count(); }
    [[nodiscard]] std::size_t span_count() const override { return decoder_.span_count(); }
    [[nodiscard]] std::uint64_t dropped() const override { return decoder_.dropped(); }
    [[nodiscard]] std::size_t memory_bytes() const override { return decoder_.memory_bytes(); }
    [[nodiscard]] bool full() const override { return decoder_.full(); }
    std::vector<models::TracePtr> finish(bool cut) override { return decoder_.finish(cut); }

 private:
    Decoder decoder_;
    std::size_t kept_ = 0;
};

// What one version of Jaeger's gRPC API writes and reads; the calls are the same in all.
struct GrpcApi {
    std::string name;     // "grpc api_v2"
    std::string package;  // "jaeger.api_v2"
    std::string (*find_traces)(const TraceQuery& query);
    std::string (*get_trace)(TraceId id, std::optional<TimeRange> near);
    std::string (*get_operations)(const std::string& service, const std::string& span_kind);
    std::unique_ptr<SpanCollector> (*collector)(std::size_t memory_limit);
    std::optional<std::vector<std::string>> (*services)(std::string_view message);
    std::optional<std::vector<Operation>> (*operations)(std::string_view message);
};

// QueryService of one version over a channel: calls, limits, what is kept of a broken stream, and
// the errors. What its users see is told at make_grpc_v2 and make_grpc_v3.
class GrpcProtocol : public Protocol {
 public:
    // `workers`, when given, decodes long messages; it must outlive the calls.
    GrpcProtocol(
        GrpcApi api,
        std::shared_ptr<GrpcChannel> channel,
        WorkerPool* workers,
        std::size_t receive_limit_bytes
    );

    [[nodiscard]] std::string_view name() const override { return api_.name; }
    [[nodiscard]] std::string endpoint() const override;

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override;
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;

 protected:
    [[nodiscard]] GrpcChannel& channel() const { return *channel_; }

 private:
    // What a stream gave and how it ended.
    struct Collected {
        std::unique_ptr<SpanCollector> spans;
        std::uint64_t bad_messages = 0;
        std::optional<Error> failure;
    };

    [[nodiscard]] std::string method(std::string_view name) const;
    Awaitable<Collected> collect(RequestContext context, std::string method, std::string request);
    Awaitable<bool> decode(SpanCollector& spans, GrpcMessage message);
    [[nodiscard]] Result<TraceBatch> conclude(Collected collected) const;
    [[nodiscard]] Error unreadable() const;
    [[nodiscard]] Error over_limit() const;

    const GrpcApi api_;
    const std::shared_ptr<GrpcChannel> channel_;
    WorkerPool* const workers_;
    const std::size_t receive_limit_;
};

}  // namespace meshscope::clients::jaeger
