#include "tests/contract/backend.hpp"
#include "tests/support/fake_trace_store.hpp"

namespace meshscope::contract {

namespace {

class FakeBackend final : public Backend {
 public:
    void hold(std::vector<HeldTrace> traces) override {
        for (const HeldTrace& trace : traces) {
            held_.push_back(test::make_trace(trace.id, trace.spans));
            store_.add(held_.back());
        }
    }
    void offer(std::vector<std::string> services, std::vector<clients::Operation> operations)
        override {
        for (const std::string& service : services) {
            for (const clients::Operation& operation : operations) {
                store_.add_operation(service, operation);
            }
        }
    }
    void suffer(Trouble trouble) override {
        switch (trouble) {
            case Trouble::kNone:
                store_.fail_with(std::nullopt);
                break;
            case Trouble::kRefused:
                fail(ErrorKind::kUpstreamUnavailable);
                break;
            case Trouble::kDenied:
                fail(ErrorKind::kUpstreamAuth);
                break;
            case Trouble::kBroken:
                fail(ErrorKind::kUpstreamProtocol);
                break;
            case Trouble::kSilent:
                fail(ErrorKind::kDeadline);
                break;
            case Trouble::kSilentAfterFirst:
                cut(clients::StoppedBy::kTime, "partial_timeout");
                break;
            case Trouble::kCutAfterFirst:
                cut(clients::StoppedBy::kBackend, "partial_body");
                break;
        }
    }
    clients::TraceStore& store() override { return store_; }
    [[nodiscard]] bool is_real() const override { return false; }
    [[nodiscard]] Wire wire() const override { return {.mixed_traces = false}; }

 private:
    void fail(ErrorKind kind) {
        store_.fail_with(Error(kind, "scripted failure")
                             .with_upstream("jaeger")
                             .with_detail("all shards failed")
                             .with_hint({"external_services.tracing", "end the script"}));
    }
    void cut(clients::StoppedBy by, const char* code) {
        clients::TraceBatch batch;
        batch.traces = {held_.front()};
        batch.stopped_by = by;
        batch.warnings = {{code, "scripted cut"}};
        store_.script(batch);
    }

    test::FakeTraceStore store_;
    std::vector<models::TracePtr> held_;
};

}  // namespace

std::unique_ptr<Backend> make_fake_backend() { return std::make_unique<FakeBackend>(); }

}  // namespace meshscope::contract
