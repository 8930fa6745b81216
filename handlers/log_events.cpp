#include "handlers/log_events.hpp"

#include "handlers/gate.hpp"
#include "handlers/log_json.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/trace_json.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace meshscope::handlers {

namespace {

using business::LogFollow;
using business::LogTimeline;

constexpr std::string_view kBegin = "retry: 2000\n\n";  // before a reader comes back, ms
constexpr std::string_view kComment = ":\n\n";
constexpr std::chrono::seconds kGateTime{10};
constexpr int kMostUnanswered = 6;  // times that the gate cannot tell in a row

SteadyTime real_now() { return std::chrono::steady_clock::now(); }

void begin_event(std::string& out, std::string_view name, const std::string& id) {
    out.append("event: ").append(name);
    if (!id.empty()) {
        out.append("\nid: ").append(id);
    }
    out.append("\ndata: ");
}

class LogEvents final : public server::LiveBody {
 public:
    LogEvents(
        Parts parts,
        RequestContext context,
        server::Request request,
        business::Followed followed,
        std::string ns
    )
        : parts_(std::move(parts)),
          context_(std::move(context)),
          request_(std::move(request)),
          before_(std::move(followed.before)),
          follow_(std::move(followed.on)),
          ns_(std::move(ns)),
          gate_at_(real_now() + parts_.event_times.gate) {}

    Awaitable<bool> next(std::string& out) override {
        if (!begun_) {
            begun_ = true;
            out.append(kBegin);
        }
        if (before_) {
            write_before(out);
            co_return true;
        }
        if (is_written()) {
            const bool more = co_await read_on(out);
            if (!more) {
                co_return false;
            }
        }
        write_entries(out);
        co_return true;
    }

    Awaitable<> end() override { co_await follow_->end(); }

 private:
    // A piece of what was there already.
    void write_before(std::string& out) {
        const std::size_t begin = out.size();
        while (next_line_ < before_->entries.size() && out.size() - begin < kPieceBytes) {
            const bool last = next_line_ + 1 == before_->entries.size();
            begin_event(out, "entry", last ? before_->read.text() : std::string());
            JsonWriter json(out);
            write_timeline_entry(json, *before_, before_->entries[next_line_++], *parts_.masker);
            out.append("\n\n");
        }
        if (next_line_ == before_->entries.size()) {
            begin_event(out, "meta", "");
            JsonWriter json(out);
            write_meta(json, before_->meta);
            out.append("\n\n");
            before_.reset();
            next_line_ = 0;
        }
    }

    [[nodiscard]] bool is_written() const {
        return next_line_ == batch_.lines.size() && next_span_ == batch_.spans.entries.size();
    }

    // A piece of the batch: lines and spans, ascending by time.
    void write_entries(std::string& out) {
        const std::size_t begin = out.size();
        const auto& spans = batch_.spans.entries;
        while (!is_written() && out.size() - begin < kPieceBytes) {
            const bool is_span = next_span_ < spans.size() &&
                                 (next_line_ == batch_.lines.size() ||
                                  spans[next_span_].time_ns < batch_.lines[next_line_].time_ns);
            if (is_span) {
                write_span(out, std::get<business::SpanEntry>(spans[next_span_++].what));
            } else {
                write_line(out, batch_.lines[next_line_++]);
            }
        }
    }

    void write_line(std::string& out, const models::LogLine& line) {
        const bool last = next_line_ == batch_.lines.size();
        begin_event(out, "entry", last ? batch_.resume : std::string());
        JsonWriter json(out);
        const business::LogEntry entry{line.time_ns, line, std::nullopt};
        write_log_line(json, entry, line, follow_->place(line.source));
        out.append("\n\n");
    }

    void write_span(std::string& out, const business::SpanEntry& span) {
        begin_event(out, "entry", "");
        JsonWriter json(out);
        write_span_entry(json, *batch_.spans.traces[span.trace].trace, span.span, *parts_.masker);
        out.append("\n\n");
    }

    // Waits for the next batch; false: it ends here.
    Awaitable<bool> read_on(std::string& out) {
        const bool allowed = co_await still_allowed(out);
        if (!allowed) {
            co_return false;
        }
        const SteadyTime comment_at = real_now() + parts_.event_times.comment;
        while (true) {
            next_line_ = 0;
            next_span_ = 0;
            batch_ = co_await follow_->next(std::min(comment_at, gate_at_));
            write_news(out);
            if (batch_.over || co_await is_cancelled()) {
                co_return false;
            }
            if (!out.empty() || !is_written()) {
                co_return true;
            }
            if (real_now() >= comment_at) {
                out.append(kComment);
                co_return true;
            }
            const bool still = co_await still_allowed(out);
            if (!still) {
                co_return false;
            }
        }
    }

    void write_news(std::string& out) {
        for (const business::SourceState& source : batch_.changed) {
            write_state(out, source);
        }
        if (batch_.dropped > 0) {
            begin_event(out, "lagged", "");
            JsonWriter json(out);
            json.begin_object().key("dropped").unsigned_integer(batch_.dropped).end_object();
            out.append("\n\n");
        }
        if (batch_.spans.news) {
            begin_event(out, "meta", "");
            JsonWriter json(out);
            write_meta(json, *batch_.spans.news);
            out.append("\n\n");
        }
    }

    static void write_state(std::string& out, const business::SourceState& source) {
        begin_event(out, "source", "");
        JsonWriter json(out);
        write_source(json, source);
        out.append("\n\n");
    }

    // Asks the gate once in a while, as if the request came again.
    Awaitable<bool> still_allowed(std::string& out) {
        if (real_now() < gate_at_) {
            co_return true;
        }
        RequestContext context = context_;
        context.deadline = Deadline(real_now() + kGateTime);
        const auto refused = co_await enter(parts_, Entry::kSignedIn, context, request_);
        gate_at_ = real_now() + parts_.event_times.gate;
        if (refused && refused->status != 401 && refused->status != 403) {
            // Nobody was asked, or did not answer: that says nothing about the caller.
            co_return ++unanswered_ < kMostUnanswered;
        }
        unanswered_ = 0;
        if (!refused && !parts_.logs->refuse(context.caller, ns_, "")) {
            follow_->set_caller(std::move(context.caller));
            co_return true;
        }
        for (business::SourceState& state : follow_->followed()) {
            state.state = business::SourceState::State::kForbidden;
            state.reason = "you may not follow these logs any more";
            write_state(out, state);
        }
        co_return false;
    }

    const Parts parts_;
    const RequestContext context_;
    const server::Request request_;
    std::optional<LogTimeline> before_;
    const std::unique_ptr<LogFollow> follow_;
    const std::string ns_;
    SteadyTime gate_at_;
    int unanswered_ = 0;
    bool begun_ = false;
    std::size_t next_line_ = 0;  // of `before_`, then of `batch_`
    std::size_t next_span_ = 0;  // of `batch_`
    LogFollow::Batch batch_;
};

}  // namespace

std::shared_ptr<server::LiveBody> log_events(
    Parts parts,
    RequestContext context,
    server::Request request,
    business::Followed followed,
    std::string ns
) {
    return std::make_shared<LogEvents>(
        std::move(parts), std::move(context), std::move(request), std::move(followed), std::move(ns)
    );
}

}  // namespace meshscope::handlers
