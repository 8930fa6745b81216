#include "app/traced_store.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace meshscope::app {

namespace {

using clients::StoppedBy;
using telemetry::ActiveSpan;

std::string_view word_of(StoppedBy stopped_by) {
    switch (stopped_by) {
        case StoppedBy::kComplete:
            return "complete";
        case StoppedBy::kLimit:
            return "limit";
        case StoppedBy::kBytes:
            return "bytes";
        case StoppedBy::kTime:
            return "time";
        case StoppedBy::kRights:
            return "rights";
        case StoppedBy::kBackend:
            return "backend";
    }
    return "backend";
}

// One call's span and its own bill, which is added to the request's at the end.
class TracedCall {
 public:
    TracedCall(
        telemetry::Tracer& tracer,
        RequestContext& context,
        std::string_view name,
        const std::string& upstream
    )
        : bill_(context.bill),
          upstream_(upstream),
          span_(tracer.start(context, name, telemetry::SpanKind::kInternal)) {
        if (span_) {
            context.bill = std::make_shared<UpstreamBill>();
            own_ = context.bill;
        }
    }

    template <class T>
    void end(const Result<T>& result) {
        if (!span_) {
            return;
        }
        settle();
        if (result) {
            describe(*result);
        } else {
            span_->fail(result.error().code(), result.error().message());
        }
        span_.end();
    }

 private:
    void settle() {
        const UpstreamCost& cost = own_->of(upstream_);
        span_->set("meshscope.upstream", upstream_);
        span_->set("meshscope.upstream.calls", static_cast<std::int64_t>(cost.calls));
        span_->set("meshscope.upstream.bytes", static_cast<std::int64_t>(cost.bytes));
        span_->set("meshscope.joined", cost.joined > 0);
        span_->set("meshscope.cached", cost.cached > 0);
        for (const auto& [name, part] : own_->by_name) {
            UpstreamCost& total = bill_->of(name);
            total.calls += part.calls;
            total.joined += part.joined;
            total.cached += part.cached;
            total.bytes += part.bytes;
            total.time += part.time;
        }
    }

    void describe(const clients::TraceBatch& batch) {
        span_->set("meshscope.traces", static_cast<std::int64_t>(batch.traces.size()));
        span_->set("meshscope.stopped_by", word_of(batch.stopped_by));
    }
    template <class Item>
    void describe(const std::vector<Item>& items) {
        span_->set("meshscope.items", static_cast<std::int64_t>(items.size()));
    }

    const std::shared_ptr<UpstreamBill> bill_;
    std::shared_ptr<UpstreamBill> own_;
    const std::string& upstream_;
    ActiveSpan span_;
};

}  // namespace

Awaitable<Result<clients::TraceBatch>> TracedStore::find_traces(
    RequestContext context, clients::TraceQuery query
) {
    TracedCall call(tracer_, context, "find traces", upstream_);
    auto result = co_await inner_.find_traces(std::move(context), std::move(query));
    call.end(result);
    co_return result;
}

Awaitable<Result<clients::TraceBatch>> TracedStore::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    TracedCall call(tracer_, context, "get trace", upstream_);
    auto result = co_await inner_.get_trace(std::move(context), id, near);
    call.end(result);
    co_return result;
}

Awaitable<Result<std::vector<std::string>>> TracedStore::services(RequestContext context) {
    TracedCall call(tracer_, context, "list services", upstream_);
    auto result = co_await inner_.services(std::move(context));
    call.end(result);
    co_return result;
}

Awaitable<Result<std::vector<clients::Operation>>> TracedStore::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    TracedCall call(tracer_, context, "list operations", upstream_);
    auto result =
        co_await inner_.operations(std::move(context), std::move(service), std::move(span_kind));
    call.end(result);
    co_return result;
}

}  // namespace meshscope::app
