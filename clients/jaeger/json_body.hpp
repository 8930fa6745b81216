#pragma once

#include "clients/jaeger/json_cut.hpp"
#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/trace_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::clients::jaeger {

// What both JSON APIs do with bodies that are cut, broken or no JSON at all.

[[nodiscard]] std::string_view without_mark(std::string_view text);  // byte order mark
[[nodiscard]] bool begins_as_object(std::string_view text);
// A fault that clean_json_text() mends.
[[nodiscard]] bool is_text_fault(simdjson::error_code error);
// Whether all characters that are whole in a piece of text are UTF-8.
[[nodiscard]] bool is_text_piece(std::string_view bytes);
// kUpstreamProtocol with what the body begins with.
[[nodiscard]] Error not_json(std::string_view body, std::string_view what);

struct BodyOutcome {
    std::string beginning;                         // of the body
    simdjson::error_code error = simdjson::EMPTY;  // where the last attempt ended
    Cut cut = Cut::kNone;                          // the body is the part before the cut
    bool cleaned = false;                          // text that was not UTF-8 is replaced
};

// Reads a body of traces: of a cut one its whole part, with text that is not sound a second time.
// `attempt` has `error_code run(std::string body)`, which may keep the body; `std::string
// copy_text()`, the body it kept; and `Cut close(std::string&)`, which ends a cut body behind its
// last whole item.
template <class Attempt>
BodyOutcome read_body(Attempt& attempt, std::string body, bool incomplete) {
    BodyOutcome outcome;
    outcome.beginning = body.substr(0, 128);
    if (!begins_as_object(body)) {
        return outcome;
    }
    outcome.cut = incomplete ? attempt.close(body) : Cut::kNone;
    while ((outcome.error = attempt.run(std::move(body)))) {
        body = attempt.copy_text();
        if (outcome.cut == Cut::kNone && (outcome.cut = attempt.close(body)) != Cut::kNone) {
            continue;
        }
        if (!is_text_fault(outcome.error) || outcome.cleaned) {
            break;
        }
        body = clean_json_text(body);
        outcome.cleaned = true;
    }
    return outcome;
}

// What a read body gave: the batch with what is to be said of it, or the error when nothing came.
// `has_data`: the document had a place for traces.
Result<TraceBatch> batch_of(
    TraceBatch batch,
    bool has_data,
    const BodyOutcome& outcome,
    const std::optional<Error>& incomplete
);

// Reads a small body, of which a part is of no use. `read` gives NO_SUCH_FIELD when the document
// holds nothing of what was asked; its text is followed by simdjson's padding.
template <class Read>
std::optional<Error> read_small(
    std::string body, const std::optional<Error>& incomplete, const Read& read
) {
    const std::string beginning = body.substr(0, 128);
    simdjson::error_code error = simdjson::EMPTY;
    for (int tries = 0; tries < 2; ++tries) {
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        error = begins_as_object(body) ? read(without_mark(body)) : simdjson::INCORRECT_TYPE;
        if (!error) {
            return std::nullopt;
        }
        if (!is_text_fault(error)) {
            break;
        }
        body = clean_json_text(body);
    }
    if (incomplete) {
        return incomplete;
    }
    return not_json(
        beginning,
        error == simdjson::NO_SUCH_FIELD ? "no data in it" : simdjson::error_message(error)
    );
}

}  // namespace meshscope::clients::jaeger
