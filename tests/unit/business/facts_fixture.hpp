#pragma once

#include "models/trace_builder.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::tests {

// Builds a trace span by span for tests of span facts. Texts must be literals.
class FactsTrace {
 public:
    static constexpr TraceId kTrace{0, 7};

    struct Times {
        std::int64_t start = 0;
        std::int64_t duration = 0;
    };

    std::uint32_t process(std::string_view service, const std::vector<models::Tag>& tags = {}) {
        has_process_ = true;
        return builder_.add_process({service, builder_.storage().copy(tags)});
    }

    // `parent` 0: a root.
    models::Span& span(
        std::uint64_t id,
        std::uint64_t parent,
        Times times,
        const std::vector<models::Tag>& tags = {}
    ) {
        models::Span& out = spans_.emplace_back();
        out.id = SpanId{id};
        out.start_ns = times.start;
        out.duration_ns = times.duration;
        out.tags = builder_.storage().copy(tags);
        if (parent != 0) {
            const std::vector<models::Reference> references{
                {kTrace, SpanId{parent}, models::ReferenceType::kChildOf}
            };
            out.references = builder_.storage().copy(references);
        }
        return out;
    }

    template <class T>
    models::Slice<T> keep(const std::vector<T>& items) {
        return builder_.storage().copy(items);
    }

    // A log with these fields.
    models::Log log(const std::vector<models::Tag>& fields) { return {0, keep(fields)}; }

    models::TracePtr finish() {
        if (!has_process_) {
            process("app.shop");
        }
        for (const models::Span& span : spans_) {
            builder_.add_span(span);
        }
        return builder_.finish();
    }

 private:
    models::TraceBuilder builder_{kTrace, std::make_shared<models::Storage>()};
    std::deque<models::Span> spans_;
    bool has_process_ = false;
};

}  // namespace meshscope::tests
