#include "handlers/trace_json.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::Masker;
using business::SelectedSpans;
using business::TraceView;

// Writes traces one span after the other; remembers where it stopped.
class TraceListSource {
 public:
    TraceListSource(
        std::vector<TraceView> traces,
        std::size_t last_spans,
        std::shared_ptr<const Masker> masker,
        bool as_list,
        std::string tail
    )
        : traces_(std::move(traces)),
          last_spans_(last_spans),
          masker_(std::move(masker)),
          as_list_(as_list),
          tail_(std::move(tail)) {}

    bool next(std::string& out) {
        const std::size_t begin = out.size();
        if (!started_) {
            started_ = true;
            out.append(as_list_ ? R"({"data":[)" : R"({"data":)");
        }
        while (trace_ < traces_.size()) {
            if (!write_trace(out, begin)) {
                return true;
            }
        }
        out.append(as_list_ ? "]," : ",").append(tail_).push_back('}');
        return false;
    }

 private:
    // False when the piece was full before the end of the trace.
    bool write_trace(std::string& out, std::size_t begin) {
        const TraceView& view = traces_[trace_];
        const bool last = trace_ + 1 == traces_.size();
        const std::size_t all = view.trace->spans.size();
        const std::size_t spans = last ? std::min(last_spans_, all) : all;
        if (!writer_) {
            writer_.emplace(view, *masker_, spans);
            out.append(trace_ == 0 ? R"({"traceID":")" : R"(,{"traceID":")");
            out.append(view.trace->id.to_hex()).append(R"(","spans":[)");
        }
        while (span_ < spans) {
            if (out.size() - begin >= kPieceBytes) {
                return false;
            }
            if (span_ > 0) {
                out.push_back(',');
            }
            writer_->span(out, span_++);
        }
        out.append(R"(],"processes":)");
        writer_->processes(out);
        out.append(R"(,"warnings":)");
        writer_->warnings(out);
        out.append(R"(,"matched":0})");
        writer_.reset();
        span_ = 0;
        traces_[trace_] = {};  // its memory is free before the body is complete
        ++trace_;
        return true;
    }

    std::vector<TraceView> traces_;
    std::size_t last_spans_;
    std::shared_ptr<const Masker> masker_;
    bool as_list_;
    std::string tail_;
    bool started_ = false;
    std::size_t trace_ = 0;
    std::size_t span_ = 0;
    std::optional<TraceWriter> writer_;
};

class SpanListSource {
 public:
    SpanListSource(std::vector<SelectedSpans> traces, std::shared_ptr<const Masker> masker)
        : traces_(std::move(traces)), masker_(std::move(masker)) {}

    bool next(std::string& out) {
        const std::size_t begin = out.size();
        for (; trace_ < traces_.size(); ++trace_, span_ = 0) {
            const SelectedSpans& item = traces_[trace_];
            if (!writer_ || span_ == 0) {
                writer_.emplace(item.view, *masker_);
            }
            while (span_ < item.spans.size()) {
                if (out.size() - begin >= kPieceBytes) {
                    return true;
                }
                out.push_back(std::exchange(separator_, ','));
                writer_->lone_span(out, item.spans[span_++]);
            }
        }
        out.append(separator_ == '[' ? "[]" : "]");
        return false;
    }

 private:
    std::vector<SelectedSpans> traces_;
    std::shared_ptr<const Masker> masker_;
    std::size_t trace_ = 0;
    std::size_t span_ = 0;
    char separator_ = '[';
    std::optional<TraceWriter> writer_;
};

// A BodySource is copied by std::function; its state is shared, not copied.
template <class Source>
server::BodySource shared_source(std::shared_ptr<Source> source) {
    return [source = std::move(source)](std::string& out) { return source->next(out); };
}

}  // namespace

server::BodySource trace_list_body(
    std::vector<TraceView> traces,
    std::size_t last_spans,
    std::shared_ptr<const Masker> masker,
    std::string tail
) {
    return shared_source(std::make_shared<TraceListSource>(
        std::move(traces), last_spans, std::move(masker), true, std::move(tail)
    ));
}

server::BodySource single_trace_body(
    TraceView trace, std::size_t spans, std::shared_ptr<const Masker> masker, std::string tail
) {
    std::vector<TraceView> traces;
    traces.push_back(std::move(trace));
    return shared_source(std::make_shared<TraceListSource>(
        std::move(traces), spans, std::move(masker), false, std::move(tail)
    ));
}

server::BodySource span_list_body(
    std::vector<SelectedSpans> traces, std::shared_ptr<const Masker> masker
) {
    return shared_source(std::make_shared<SpanListSource>(std::move(traces), std::move(masker)));
}

}  // namespace meshscope::handlers
