#include "business/trace_gaps.hpp"

#include "business/span_facts.hpp"
#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"
#include "business/trace_calls.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace meshscope::business {

namespace {

using models::kNoSpan;
using models::Span;
using models::SpanKind;
using models::Trace;

// Jaeger's own clients write it into the span that decided whether the trace is recorded.
constexpr std::string_view kSamplerTag = "sampler.type";

// Who reported a span, as far as gaps need it.
struct Reporter {
    SpanKind kind = SpanKind::kInternal;
    SpanSource source = SpanSource::kApp;
    std::string_view role;  // of a proxy: sidecar, router, waypoint
    std::string_view pod;
    std::string_view address;  // its own
    std::uint32_t process = 0;
};

Reporter reporter_of(const Span& span, const Attributes& attributes) {
    const SpanEvidence evidence{span, attributes};
    const NodeId node = parse_node_id(attributes.text(Concept::kNodeId));
    Reporter out;
    out.kind = kind_of(evidence).kind;
    out.source = source_of(evidence);
    out.role = node.role;
    out.pod = node.pod.empty() ? attributes.text(Concept::kPod) : node.pod;
    out.address = node.ip;
    for (const Concept one : {Concept::kPodAddress, Concept::kOwnAddress}) {
        out.address = out.address.empty() ? attributes.text(one) : out.address;
    }
    out.process = span.process;
    return out;
}

struct Judgement {
    GapCause cause = GapCause::kUnknown;
    Sureness certainty = Sureness::kPossible;
    std::string evidence;
};

class Finder {
 public:
    Finder(const Trace& trace, const TraceIdentities& identities, const GapContext& context)
        : trace_(trace), identities_(identities), context_(context), calls_(trace_calls(trace)) {
        SpanReader reader(trace);
        reporters_.reserve(trace.spans.size());
        for (std::size_t i = 0; i < trace.spans.size(); ++i) {
            reporters_.push_back(reporter_of(trace.spans[i], reader.read(i)));
        }
        for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
            if (!hides(i)) {
                ++pods_[reporters_[i].pod];
                ++addresses_[reporters_[i].address];
            }
        }
    }

    TraceGaps find() {
        collect();
        TraceGaps out;
        for (auto& [first, gap] : gaps_) {
            if (out.gaps.size() == kMostGaps) {
                ++out.unlisted;
                continue;
            }
            judge(gap);
            out.gaps.push_back(std::move(gap));
        }
        return out;
    }

 private:
    [[nodiscard]] bool hides(std::uint32_t span) const {
        return context_.hidden != nullptr && (*context_.hidden)[span];
    }

    // The gaps by their first span, without causes.
    void collect() {
        std::map<SpanId, std::uint32_t> first_of_missing;
        std::map<std::uint32_t, std::uint32_t> first_of_hidden;
        std::uint32_t true_root = kNoSpan;
        std::uint32_t first_orphan = kNoSpan;
        for (std::uint32_t i = 0; i < trace_.spans.size(); ++i) {
            const Span& span = trace_.spans[i];
            const bool root = span.parent == kNoSpan && !span.orphan;
            if (span.orphan && first_orphan == kNoSpan) {
                first_orphan = i;
            }
            if (hides(i)) {
                true_root = root && true_root == kNoSpan ? i : true_root;
            } else if (span.orphan) {
                const SpanId parent = missing_parent(span);
                const auto [at, is_new] = first_of_missing.try_emplace(parent, i);
                add(at->second, i, TraceGap::Kind::kMissingParent).parent = parent;
            } else if (root) {
                if (true_root != kNoSpan || begins_beside(i)) {
                    add(i, i, TraceGap::Kind::kMissingRoot);
                }
                true_root = true_root == kNoSpan ? i : true_root;
            } else if (hides(span.parent)) {
                const auto [at, is_new] = first_of_hidden.try_emplace(span.parent, i);
                add(at->second, i, TraceGap::Kind::kHiddenParent).parent =
                    trace_.spans[span.parent].id;
            }
        }
        const auto beginning = gaps_.find(first_orphan);
        if (true_root == kNoSpan && beginning != gaps_.end()) {
            beginning->second.kind = TraceGap::Kind::kMissingRoot;
        }
    }

    TraceGap& add(std::uint32_t first, std::uint32_t span, TraceGap::Kind kind) {
        TraceGap& gap = gaps_[first];
        gap.kind = kind;
        gap.spans.push_back(span);
        return gap;
    }

    // The first reference within the trace, CHILD_OF before others, as TraceBuilder takes it.
    [[nodiscard]] SpanId missing_parent(const Span& span) const {
        const models::Reference* found = nullptr;
        for (const models::Reference& reference : span.references) {
            const bool child = reference.type == models::ReferenceType::kChildOf;
            if (reference.trace == trace_.id &&
                (found == nullptr || (child && found->type != models::ReferenceType::kChildOf))) {
                found = &reference;
            }
        }
        return found == nullptr ? SpanId{} : found->span;
    }

    // A sidecar began a trace for a call that goes out: the request came without trace headers.
    [[nodiscard]] bool begins_beside(std::uint32_t span) const {
        const Reporter& reporter = reporters_[span];
        return reporter.source == SpanSource::kEnvoy && reporter.role == "sidecar" &&
               reporter.kind == SpanKind::kClient;
    }

    void judge(TraceGap& gap) const {
        Judgement found;
        if (gap.kind == TraceGap::Kind::kHiddenParent) {
            found = {
                GapCause::kHiddenByRights,
                Sureness::kCertain,
                "the parent is in the trace; its namespace is not for you to see"
            };
        } else if (!gap.parent) {
            found = of_beginning(gap.spans.front());
        } else {
            found = of_missing(gap);
        }
        gap.cause = found.cause;
        gap.certainty = found.certainty;
        gap.evidence = std::move(found.evidence);
    }

    [[nodiscard]] Judgement of_beginning(std::uint32_t span) const {
        if (!begins_beside(span)) {
            return {
                GapCause::kHeaderNotForwarded,
                Sureness::kPossible,
                "the trace has another beginning: its id was handed on without the id of the span"
            };
        }
        return {
            GapCause::kHeaderNotForwarded,
            serves(span) ? Sureness::kLikely : Sureness::kPossible,
            serves(span) ? "a workload that serves requests sent this call without trace headers: "
                           "it does not forward those of the request it was serving"
                         : "the call was sent without trace headers: its workload began it on its "
                           "own, or does not forward those of the request it was serving"
        };
    }

    [[nodiscard]] bool serves(std::uint32_t span) const {
        const SpanIdentity& identity = identities_.of(span);
        if (identity.object == nullptr || identities_.snapshot == nullptr) {
            return false;
        }
        const models::NamespaceView* view = identities_.snapshot->find(identity.object->ns);
        return view != nullptr && !view->services_of(*identity.object).empty();
    }

    [[nodiscard]] Judgement of_missing(const TraceGap& gap) const {
        if (context_.cut) {
            return {
                GapCause::kCut,
                Sureness::kLikely,
                "not all of the trace was read; meta says where it ends and what was left out"
            };
        }
        if (context_.growing) {
            return {
                GapCause::kStillArriving,
                Sureness::kLikely,
                "spans of this trace came while it was read"
            };
        }
        if (context_.young) {
            return {
                GapCause::kStillArriving,
                Sureness::kPossible,
                "the trace ended a moment ago; programs send their spans some seconds late"
            };
        }
        if (decided_alone(gap.spans)) {
            return {
                GapCause::kParentUnsampled,
                Sureness::kLikely,
                "the span names the sampler that decided to record it (sampler.type): the call "
                "came without that decision, its own span was not recorded"
            };
        }
        return of_lost(gap);
    }

    [[nodiscard]] bool decided_alone(const std::vector<std::uint32_t>& spans) const {
        return std::ranges::all_of(spans, [&](std::uint32_t span) {
            const auto& tags = trace_.spans[span].tags;
            return std::any_of(tags.begin(), tags.end(), [](const models::Tag& tag) {
                return tag.key() == kSamplerTag;
            });
        });
    }

    [[nodiscard]] Judgement of_lost(const TraceGap& gap) const {
        std::set<std::uint32_t> programs;
        for (const std::uint32_t span : gap.spans) {
            programs.insert(reporters_[span].process);
            if (auto found = of_reporter(gap, span)) {
                return std::move(*found);
            }
        }
        if (programs.size() > 1) {
            return {
                GapCause::kExporterDrop,
                Sureness::kLikely,
                std::to_string(programs.size()) +
                    " programs recorded spans below it, so its own was to be recorded too"
            };
        }
        return {
            GapCause::kUnknown,
            Sureness::kPossible,
            "the caller reports no span in this trace: it may not record them, or not send them"
        };
    }

    // Whether who reported the missing span reports others here.
    [[nodiscard]] std::optional<Judgement> of_reporter(const TraceGap& gap, std::uint32_t span)
        const {
        const Reporter& reporter = reporters_[span];
        const bool proxy = reporter.source == SpanSource::kEnvoy;
        Judgement out{GapCause::kExporterDrop, Sureness::kLikely, ""};
        if (!proxy && reporter.kind == SpanKind::kInternal) {
            out.evidence =
                "a span inside of a program has its parent in the same program, which recorded "
                "this one";
            return out;
        }
        const bool outgoing = reporter.kind == SpanKind::kClient;
        if (proxy && outgoing && has_others(pods_, reporter.pod, &Reporter::pod, gap)) {
            out.evidence = "the span was begun in the same pod, of which other spans came";
            return out;
        }
        if (!outgoing && has_others(addresses_, calls_[span].address, &Reporter::address, gap)) {
            out.evidence = "other spans came from the address that called";
            return out;
        }
        return std::nullopt;
    }

    using Counts = std::map<std::string_view, std::uint32_t>;

    // Whether there are visible spans of that pod or address beside those of the gap.
    bool has_others(
        const Counts& counts,
        std::string_view text,
        std::string_view Reporter::* member,
        const TraceGap& gap
    ) const {
        const auto found = counts.find(text);
        if (text.empty() || found == counts.end()) {
            return false;
        }
        const auto own = std::ranges::count_if(gap.spans, [&](std::uint32_t span) {
            return reporters_[span].*member == text;
        });
        return found->second > static_cast<std::uint64_t>(own);
    }

    const Trace& trace_;
    const TraceIdentities& identities_;
    const GapContext& context_;
    std::vector<SpanCall> calls_;
    std::vector<Reporter> reporters_;
    Counts pods_;       // visible spans, by the pod that reported them
    Counts addresses_;  // likewise, by its address
    std::map<std::uint32_t, TraceGap> gaps_;
};

}  // namespace

std::string_view to_string(GapCause cause) {
    constexpr std::array<std::string_view, 7> kWords{
        "unknown",
        "still_arriving",
        "parent_unsampled",
        "exporter_drop",
        "header_not_forwarded",
        "hidden_by_rights",
        "cut"
    };
    return kWords.at(static_cast<std::size_t>(cause));
}

std::string_view to_string(TraceGap::Kind kind) {
    constexpr std::array<std::string_view, 3> kWords{
        "missing_parent", "missing_root", "hidden_parent"
    };
    return kWords.at(static_cast<std::size_t>(kind));
}

TraceGaps trace_gaps(
    const Trace& trace, const TraceIdentities& identities, const GapContext& context
) {
    return Finder(trace, identities, context).find();
}

}  // namespace meshscope::business
