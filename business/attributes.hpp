#pragma once

#include "models/trace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace meshscope::business {

// What an attribute says, whatever the instrumentation calls it. The names of each are in
// attributes.cpp.
enum class Concept : std::uint8_t {
    // who speaks
    kComponent,
    kNodeId,
    kKrakendStage,
    kSpanKind,
    kStatusCode,
    kSpanFormat,
    kInstrumentation,
    // errors
    kError,
    kResponseFlags,
    // HTTP
    kHttpMethod,
    kHttpMethodOriginal,
    kHttpStatus,
    kHttpRoute,
    kUrlFull,
    kUrlTarget,
    kUrlPath,
    kUrlQuery,
    kUrlScheme,
    kProtocolVersion,
    kRequestSize,
    kResponseSize,
    kUserAgent,
    kRequestId,
    // RPC
    kRpcSystem,
    kRpcService,
    kRpcMethod,
    kGrpcStatus,
    // database, messaging
    kDbSystem,
    kDbName,
    kDbOperation,
    kMessagingSystem,
    kMessagingDestination,
    kMessagingOperation,
    // peers
    kUpstreamCluster,
    kPeerService,
    kServerAddress,
    kServerPort,
    kPeerAddress,
    kPeerPort,
    kClientAddress,
    // identity
    kSourceWorkload,
    kSourceNamespace,
    kSourceService,
    kSourceApp,
    kSourcePod,
    kSourceRevision,
    kSourceCluster,
    kDestinationWorkload,
    kDestinationNamespace,
    kDestinationService,
    kDestinationApp,
    kDestinationPod,
    kDestinationRevision,
    kDestinationCluster,
    kCanonicalService,
    kCanonicalRevision,
    kMeshCluster,
    kWorkload,
    kPod,
    kPodUid,
    kPodAddress,
    kNamespace,
    kIstioNamespace,
    kServiceNamespace,
    kOwnAddress,
    kHostName,
    kHostname,
};
inline constexpr std::size_t kConceptCount = static_cast<std::size_t>(Concept::kHostname) + 1;

// Where an attribute may stand; the span's own tags always win over those of its process.
enum class Scope : std::uint8_t { kSpan, kSpanOrProcess, kProcess };

struct ConceptNames {
    Concept meaning;
    Scope scope;
    std::span<const std::string_view> names;  // best first
};

// The dictionary, one row for each Concept in the order of the enum.
std::span<const ConceptNames> concept_names();

// Prefixes that tell the protocol of a span.
enum Family : std::uint8_t {
    kGrpcFamily = 1,
    kHttpFamily = 2,
    kPeerFamily = 4,
    kDbFamily = 8,
    kMessagingFamily = 16,
    kRpcFamily = 32
};

// The attributes of one span (or one process) sorted by what they say. Of two names for one thing
// the better one wins, of two tags of one name the first; empty texts count only for
// Concept::kError. Points into the trace.
class AttributeSet {
 public:
    // Forgets what it holds and reads `tags`. One hash look-up for each tag.
    void read(models::Slice<models::Tag> tags);

    // nullptr when there is none.
    [[nodiscard]] const models::Tag* tag(Concept meaning) const {
        return slots_[static_cast<std::size_t>(meaning)].tag;
    }
    // The text of a string tag, "" for any other type or none.
    [[nodiscard]] std::string_view text(Concept meaning) const;
    // An integer, a whole number, or decimal text with nothing else.
    [[nodiscard]] std::optional<std::int64_t> integer(Concept meaning) const;
    [[nodiscard]] bool has(Family family) const { return (families_ & family) != 0; }

 private:
    struct Slot {
        const models::Tag* tag = nullptr;
        std::uint8_t rank = 0;
    };
    std::array<Slot, kConceptCount> slots_{};
    std::array<std::uint8_t, kConceptCount> filled_{};  // which slots are not empty
    std::uint8_t filled_count_ = 0;
    std::uint8_t families_ = 0;
};

// A span's attributes with its process behind them, each concept within its scope.
class Attributes {
 public:
    Attributes(const AttributeSet& span, const AttributeSet& process)
        : span_(span), process_(process) {}

    [[nodiscard]] const models::Tag* tag(Concept meaning) const {
        return set_of(meaning).tag(meaning);
    }
    [[nodiscard]] std::string_view text(Concept meaning) const {
        return set_of(meaning).text(meaning);
    }
    [[nodiscard]] std::optional<std::int64_t> integer(Concept meaning) const {
        return set_of(meaning).integer(meaning);
    }
    // The key under which it was found, "" for none: the rule that fired.
    [[nodiscard]] std::string_view name(Concept meaning) const;
    [[nodiscard]] bool has(Family family) const { return span_.has(family); }

 private:
    [[nodiscard]] const AttributeSet& set_of(Concept meaning) const;

    const AttributeSet& span_;
    const AttributeSet& process_;
};

}  // namespace meshscope::business
