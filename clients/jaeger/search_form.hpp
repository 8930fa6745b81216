#pragma once

#include "clients/trace_store.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients::jaeger {

// Whether the store finds errors by the tag error=true. Some keep them as the status of a span only
// and find nothing, or the wrong ones.
enum class ErrorSearch : std::uint8_t { kUnknown, kWorks, kMisses };

// What is known of the store before a search.
struct StoreTraits {
    bool ignores_tags = false;      // the protocol at hand is too old to filter by them
    std::uint32_t depth_limit = 0;  // no search deeper than this works; 0: unknown
    ErrorSearch errors = ErrorSearch::kUnknown;
};

// One search as it goes out. Stores cannot all do the same: what one refuses is asked in another
// form, and what was left out is filtered on our side (post_filter.hpp). Pure; one thread.
//  - error=false is right in few stores: never sent;
//  - where the store's own filter may let more through, half as many again are asked for;
//  - a store that refuses the depth is asked once for half of it;
//  - one that cannot filter by duration and tags at once is asked without the duration;
//  - one that takes tag values for patterns and stumbles over them gets them escaped;
//  - one that finds nothing by error=true, a kind or a status is asked without them.
class SearchForm {
 public:
    SearchForm(TraceQuery wanted, StoreTraits traits);

    [[nodiscard]] const TraceQuery& query() const { return query_; }

    // Whether the search should be put again, in the form that query() has now.
    bool adapt(const Error& error);

    // Whether an answer without a match should be asked for again, in the form that query() has
    // now. Once.
    bool look_again(const TraceBatch& batch);

    // The error of a search that no form could save, with its remedy where there is one.
    [[nodiscard]] Error explain(const Error& error) const;

    // Filters, sorts and cuts the answer; adds what has to be said of it.
    void finish(TraceBatch& batch) const;

    // What the finished answer has shown; kUnknown: nothing. `asked_at`: when the first form went
    // out. A trace that only arrived or was indexed about then shows nothing.
    [[nodiscard]] ErrorSearch learned_errors(const TraceBatch& finished, SystemTime asked_at) const;

    // Set after a search of lesser depth was put because of an error.
    [[nodiscard]] std::optional<std::uint32_t> learned_depth() const { return learned_depth_; }

 private:
    bool adapt_depth(std::string_view text);
    bool drop_durations(std::string_view text);
    bool escape_tags(std::string_view text);
    void ask_for_more();
    void leave_out_fields();

    const TraceQuery wanted_;
    TraceQuery query_;
    std::uint32_t depth_limit_;
    bool halved_ = false;
    bool escaped_ = false;
    ErrorSearch errors_;
    bool fields_left_out_ = false;
    std::optional<std::uint32_t> learned_depth_;
    std::vector<StoreWarning> warnings_;
};

}  // namespace meshscope::clients::jaeger
