#include "clients/jaeger/search_form.hpp"

#include "clients/jaeger/post_filter.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

// Of Lucene's regular expressions, all optional operators on.
constexpr std::string_view kPatternChars = ".?+*|{}[]()\"\\#@&<>~^$";
// Tags that OTLP has fields for: what a store finds by them depends on how it keeps those.
constexpr std::array<std::string_view, 3> kFields{"error", "otel.status_code", "span.kind"};
// Stores make what has arrived searchable after up to a minute.
constexpr std::chrono::minutes kIndexedWithin{2};
constexpr std::size_t kTellingOrder = 8;  // so many ids do not come in ascending order by chance

bool has(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    });
}

std::string text_of(const Error& error) { return to_lower(error.message() + " " + error.detail()); }

bool is_refusal(const Error& error) {
    return error.kind() == ErrorKind::kUpstreamProtocol ||
           error.kind() == ErrorKind::kInvalidArgument;
}

bool is_field(const std::pair<const std::string, std::string>& tag) {
    return std::ranges::find(kFields, tag.first) != kFields.end();
}

bool asks_for_errors(const TraceQuery& query) {
    const auto tag = query.tags.find("error");
    return tag != query.tags.end() && tag->second == "true";
}

bool has_pattern(std::string_view value) {
    return value.find_first_of(kPatternChars) != std::string_view::npos;
}

// As has_pattern(), but a dot hardly ever finds more than itself.
bool may_find_more(std::string_view value) {
    return std::any_of(value.begin(), value.end(), [](char c) {
        return c != '.' && kPatternChars.find(c) != std::string_view::npos;
    });
}

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (kPatternChars.find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

// A store that answers by trace id has picked its traces by something else than their age.
bool comes_by_id(const std::vector<models::TracePtr>& traces) {
    if (traces.size() < kTellingOrder) {
        return false;
    }
    bool newest_first = true;
    for (std::size_t i = 1; i < traces.size(); ++i) {
        if (!(traces[i - 1]->id < traces[i]->id)) {
            return false;
        }
        newest_first = newest_first && traces[i - 1]->start_ns() >= traces[i]->start_ns();
    }
    return !newest_first;
}

}  // namespace

SearchForm::SearchForm(TraceQuery wanted, StoreTraits traits)
    : wanted_(std::move(wanted)),
      query_(wanted_),
      depth_limit_(traits.depth_limit),
      errors_(traits.errors) {
    const auto error_tag = query_.tags.find("error");
    const bool no_errors = error_tag != query_.tags.end() && error_tag->second == "false";
    if (no_errors) {
        query_.tags.erase(error_tag);
    }
    const bool patterns = std::any_of(query_.tags.begin(), query_.tags.end(), [](const auto& tag) {
        return may_find_more(tag.second);
    });
    if (no_errors || patterns || (traits.ignores_tags && !query_.tags.empty())) {
        ask_for_more();
    }
    if (depth_limit_ > 0 && query_.limit > depth_limit_) {
        query_.limit = depth_limit_;
    }
    if (errors_ == ErrorSearch::kMisses && asks_for_errors(query_)) {
        leave_out_fields();
    }
}

void SearchForm::leave_out_fields() {
    std::erase_if(query_.tags, is_field);
    fields_left_out_ = true;
    ask_for_more();
    warnings_.push_back(
        {"errors_filtered_here",
         "the store found nothing by errors, kinds or status; they were filtered here, among its " +
             std::to_string(query_.limit) + " newest traces, so older ones may match too"}
    );
}

bool SearchForm::look_again(const TraceBatch& batch) {
    const bool trusted = errors_ == ErrorSearch::kWorks && asks_for_errors(query_);
    if (fields_left_out_ || trusted || std::ranges::none_of(query_.tags, is_field) ||
        batch.stopped_by == StoppedBy::kTime || batch.stopped_by == StoppedBy::kBytes ||
        batch.stopped_by == StoppedBy::kBackend) {
        return false;
    }
    if (std::ranges::any_of(batch.traces, [this](const models::TracePtr& trace) {
            return may_match(*trace, wanted_);
        })) {
        return false;
    }
    leave_out_fields();
    return true;
}

ErrorSearch SearchForm::learned_errors(const TraceBatch& finished, SystemTime asked_at) const {
    if (!asks_for_errors(wanted_) || finished.traces.empty()) {
        return ErrorSearch::kUnknown;
    }
    if (!fields_left_out_) {
        return ErrorSearch::kWorks;
    }
    const std::int64_t settled_ns = to_micros(asked_at - kIndexedWithin) * 1000;
    const bool missed = std::ranges::any_of(finished.traces, [&](const models::TracePtr& trace) {
        return trace->end_ns() < settled_ns;
    });
    return missed ? ErrorSearch::kMisses : ErrorSearch::kUnknown;
}

void SearchForm::ask_for_more() {
    const std::uint32_t more = wanted_.limit + (wanted_.limit + 1) / 2;
    query_.limit = std::max(query_.limit, more);
    if (depth_limit_ > 0) {
        query_.limit = std::min(query_.limit, depth_limit_);
    }
}

bool SearchForm::adapt_depth(std::string_view text) {
    if (halved_ || query_.limit <= 1 ||
        !has(
            text,
            {"search depth",
             "search_depth",
             "searchdepth",
             "num_traces",
             "numtraces",
             "max traces",
             "max_traces",
             "exceeds maximum",
             "exceeds the maximum",
             "maximum allowed",
             "too many buckets"}
        )) {
        return false;
    }
    if (query_.limit > wanted_.limit) {
        query_.limit = wanted_.limit;  // what was asked on top is given up first
    } else {
        query_.limit /= 2;
        halved_ = true;
    }
    learned_depth_ = query_.limit;
    return true;
}

bool SearchForm::drop_durations(std::string_view text) {
    const bool bounded = query_.min_duration.count() > 0 || query_.max_duration.count() > 0;
    if (!bounded || !has(text, {"duration and tags", "tags and duration"})) {
        return false;
    }
    query_.min_duration = {};
    query_.max_duration = {};
    ask_for_more();
    warnings_.push_back(
        {"duration_filtered_here",
         "the store cannot filter by duration and tags at once; the duration was filtered here, so "
         "older traces may match too"}
    );
    return true;
}

bool SearchForm::escape_tags(std::string_view text) {
    if (escaped_ || !has(text, {"regexp", "regular expression", "regex"})) {
        return false;
    }
    for (auto& [key, value] : query_.tags) {
        if (has_pattern(value)) {
            value = escaped(value);
            escaped_ = true;
        }
    }
    return escaped_;
}

bool SearchForm::adapt(const Error& error) {
    if (!is_refusal(error)) {
        return false;
    }
    const std::string text = text_of(error);
    return drop_durations(text) || escape_tags(text) || adapt_depth(text);
}

Error SearchForm::explain(const Error& error) const {
    if (!is_refusal(error)) {
        return error;
    }
    const std::string text = text_of(error);
    if (wanted_.service.empty() && has(text,
                                       {"requires a service",
                                        "'service' is required",
                                        "service name",
                                        "service_name",
                                        "servicename"})) {
        return Error(
                   ErrorKind::kInvalidArgument,
                   "Jaeger's storage cannot search without the name of a service"
        )
            .with_code("service_required")
            .with_upstream("jaeger")
            .with_detail(error.message())
            .with_hint({"", "Name a service in the search."});
    }
    if (!query_.tags.empty() && has(text, {"regexp", "regular expression", "regex"})) {
        return error.with_hint(
            {"",
             "This storage takes tag values for regular expressions and refuses this one: search "
             "for another value or leave the tag out."}
        );
    }
    return error;
}

void SearchForm::finish(TraceBatch& batch) const {
    const bool sample = batch.traces.size() >= query_.limit && comes_by_id(batch.traces);
    finish_search(batch, wanted_, query_.limit);
    for (const StoreWarning& warning : warnings_) {
        // Nothing was found either way: the store was right, as far as one can see.
        if (warning.code != "errors_filtered_here" || !batch.traces.empty()) {
            batch.warnings.push_back(warning);
        }
    }
    if (query_.limit < wanted_.limit) {
        batch.warnings.push_back(
            {"store_depth",
             "the store searches no deeper than about " + std::to_string(query_.limit) +
                 " traces; " + std::to_string(wanted_.limit) + " were asked for"}
        );
    }
    if (sample) {
        batch.unordered = true;
        batch.warnings.push_back(
            {"sample_not_newest",
             "the store picks matching traces in no order of time: these are some of them, not "
             "the newest"}
        );
    }
}

}  // namespace meshscope::clients::jaeger
