#include "business/attributes.hpp"

#include "core/text.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

namespace meshscope::business {

namespace {

using models::Tag;
using models::ValueType;
using Names = std::span<const std::string_view>;

template <std::size_t N>
struct List {
    std::string_view names[N];
};
template <class... Text>
List(Text...) -> List<sizeof...(Text)>;

// clang-format off
constexpr List kComponent{"component"};
constexpr List kNodeId{"node_id"};
constexpr List kKrakendStage{"krakend.stage"};
constexpr List kSpanKind{"span.kind"};
constexpr List kStatusCode{"otel.status_code"};
constexpr List kSpanFormat{"internal.span.format"};
constexpr List kInstrumentation{"otel.scope.name", "otel.library.name", "telemetry.sdk.name", "telemetry.sdk.language"};

constexpr List kError{"error"};
constexpr List kResponseFlags{"response_flags", "envoy.response_flags"};

constexpr List kHttpMethod{"http.request.method", "http.method"};
constexpr List kHttpMethodOriginal{"http.request.method_original"};
constexpr List kHttpStatus{"http.response.status_code", "http.status_code"};
constexpr List kHttpRoute{"http.route"};
constexpr List kUrlFull{"url.full", "http.url"};
constexpr List kUrlTarget{"http.target"};
constexpr List kUrlPath{"url.path"};
constexpr List kUrlQuery{"url.query"};
constexpr List kUrlScheme{"url.scheme", "http.scheme"};
constexpr List kProtocolVersion{"http.protocol", "network.protocol.version", "net.protocol.version", "http.flavor"};
constexpr List kRequestSize{"http.request.body.size", "http.request_content_length", "request_size"};
constexpr List kResponseSize{"http.response.body.size", "http.response_content_length", "response_size"};
constexpr List kUserAgent{"user_agent.original", "http.user_agent", "user_agent"};
constexpr List kRequestId{"guid:x-request-id", "http.request.header.x-request-id", "http.request.header.x_request_id", "x-request-id"};

constexpr List kRpcSystem{"rpc.system.name", "rpc.system"};
constexpr List kRpcService{"rpc.service"};
constexpr List kRpcMethod{"rpc.method", "grpc.path"};
constexpr List kGrpcStatus{"rpc.response.status_code", "rpc.status_code", "rpc.grpc.status_code", "grpc.status_code", "rpc.connect_rpc.error_code"};

constexpr List kDbSystem{"db.system.name", "db.system", "db.type"};
constexpr List kDbName{"db.namespace", "db.name", "db.instance", "db.redis.database_index", "db.mssql.instance_name"};
constexpr List kDbOperation{"db.operation.name", "db.operation", "db.query.summary"};
constexpr List kMessagingSystem{"messaging.system"};
constexpr List kMessagingDestination{"messaging.destination.name", "messaging.destination.template", "messaging.destination", "message_bus.destination"};
constexpr List kMessagingOperation{"messaging.operation.type", "messaging.operation.name", "messaging.operation"};

constexpr List kUpstreamCluster{"upstream_cluster", "upstream_cluster.name"};
constexpr List kPeerService{"peer.service"};
constexpr List kServerAddress{"server.address", "net.peer.name", "http.host", "peer.hostname"};
constexpr List kServerPort{"server.port", "net.peer.port"};
constexpr List kPeerAddress{"network.peer.address", "net.sock.peer.addr", "net.peer.ip", "peer.address", "peer.ipv4", "peer.ipv6"};
constexpr List kPeerPort{"network.peer.port", "net.sock.peer.port", "peer.port"};
constexpr List kClientAddress{"client.address", "http.client_ip"};

constexpr List kSourceWorkload{"istio.source_workload"};
constexpr List kSourceNamespace{"istio.source_namespace"};
constexpr List kSourceService{"istio.source_canonical_service"};
constexpr List kSourceApp{"istio.source_app"};
constexpr List kSourcePod{"istio.source_instance_name"};
constexpr List kSourceRevision{"istio.source_canonical_revision"};
constexpr List kSourceCluster{"istio.source_cluster_id"};
constexpr List kDestinationWorkload{"istio.destination_workload"};
constexpr List kDestinationNamespace{"istio.destination_namespace"};
constexpr List kDestinationService{"istio.destination_canonical_service"};
constexpr List kDestinationApp{"istio.destination_app"};
constexpr List kDestinationPod{"istio.destination_instance_name"};
constexpr List kDestinationRevision{"istio.destination_canonical_revision"};
constexpr List kDestinationCluster{"istio.destination_cluster_id"};
constexpr List kCanonicalService{"istio.canonical_service"};
constexpr List kCanonicalRevision{"istio.canonical_revision"};
constexpr List kMeshCluster{"istio.cluster_id", "k8s.cluster.name"};
constexpr List kWorkload{"k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "k8s.cronjob.name", "k8s.job.name", "k8s.replicaset.name"};
constexpr List kPod{"k8s.pod.name"};
constexpr List kPodUid{"k8s.pod.uid"};
constexpr List kPodAddress{"k8s.pod.ip"};
constexpr List kNamespace{"k8s.namespace.name"};
constexpr List kIstioNamespace{"istio.namespace"};
constexpr List kServiceNamespace{"service.namespace"};
constexpr List kOwnAddress{"ip", "net.host.ip"};
constexpr List kHostName{"host.name"};
constexpr List kHostname{"hostname"};

constexpr ConceptNames kConcepts[] = {
    {Concept::kComponent, Scope::kSpan, kComponent.names},
    {Concept::kNodeId, Scope::kSpanOrProcess, kNodeId.names},
    {Concept::kKrakendStage, Scope::kSpan, kKrakendStage.names},
    {Concept::kSpanKind, Scope::kSpan, kSpanKind.names},
    {Concept::kStatusCode, Scope::kSpan, kStatusCode.names},
    {Concept::kSpanFormat, Scope::kSpan, kSpanFormat.names},
    {Concept::kInstrumentation, Scope::kSpanOrProcess, kInstrumentation.names},
    {Concept::kError, Scope::kSpan, kError.names},
    {Concept::kResponseFlags, Scope::kSpan, kResponseFlags.names},
    {Concept::kHttpMethod, Scope::kSpan, kHttpMethod.names},
    {Concept::kHttpMethodOriginal, Scope::kSpan, kHttpMethodOriginal.names},
    {Concept::kHttpStatus, Scope::kSpan, kHttpStatus.names},
    {Concept::kHttpRoute, Scope::kSpan, kHttpRoute.names},
    {Concept::kUrlFull, Scope::kSpan, kUrlFull.names},
    {Concept::kUrlTarget, Scope::kSpan, kUrlTarget.names},
    {Concept::kUrlPath, Scope::kSpan, kUrlPath.names},
    {Concept::kUrlQuery, Scope::kSpan, kUrlQuery.names},
    {Concept::kUrlScheme, Scope::kSpan, kUrlScheme.names},
    {Concept::kProtocolVersion, Scope::kSpan, kProtocolVersion.names},
    {Concept::kRequestSize, Scope::kSpan, kRequestSize.names},
    {Concept::kResponseSize, Scope::kSpan, kResponseSize.names},
    {Concept::kUserAgent, Scope::kSpan, kUserAgent.names},
    {Concept::kRequestId, Scope::kSpan, kRequestId.names},
    {Concept::kRpcSystem, Scope::kSpan, kRpcSystem.names},
    {Concept::kRpcService, Scope::kSpan, kRpcService.names},
    {Concept::kRpcMethod, Scope::kSpan, kRpcMethod.names},
    {Concept::kGrpcStatus, Scope::kSpan, kGrpcStatus.names},
    {Concept::kDbSystem, Scope::kSpan, kDbSystem.names},
    {Concept::kDbName, Scope::kSpan, kDbName.names},
    {Concept::kDbOperation, Scope::kSpan, kDbOperation.names},
    {Concept::kMessagingSystem, Scope::kSpan, kMessagingSystem.names},
    {Concept::kMessagingDestination, Scope::kSpan, kMessagingDestination.names},
    {Concept::kMessagingOperation, Scope::kSpan, kMessagingOperation.names},
    {Concept::kUpstreamCluster, Scope::kSpan, kUpstreamCluster.names},
    {Concept::kPeerService, Scope::kSpan, kPeerService.names},
    {Concept::kServerAddress, Scope::kSpan, kServerAddress.names},
    {Concept::kServerPort, Scope::kSpan, kServerPort.names},
    {Concept::kPeerAddress, Scope::kSpan, kPeerAddress.names},
    {Concept::kPeerPort, Scope::kSpan, kPeerPort.names},
    {Concept::kClientAddress, Scope::kSpan, kClientAddress.names},
    {Concept::kSourceWorkload, Scope::kSpan, kSourceWorkload.names},
    {Concept::kSourceNamespace, Scope::kSpan, kSourceNamespace.names},
    {Concept::kSourceService, Scope::kSpan, kSourceService.names},
    {Concept::kSourceApp, Scope::kSpan, kSourceApp.names},
    {Concept::kSourcePod, Scope::kSpan, kSourcePod.names},
    {Concept::kSourceRevision, Scope::kSpan, kSourceRevision.names},
    {Concept::kSourceCluster, Scope::kSpan, kSourceCluster.names},
    {Concept::kDestinationWorkload, Scope::kSpan, kDestinationWorkload.names},
    {Concept::kDestinationNamespace, Scope::kSpan, kDestinationNamespace.names},
    {Concept::kDestinationService, Scope::kSpan, kDestinationService.names},
    {Concept::kDestinationApp, Scope::kSpan, kDestinationApp.names},
    {Concept::kDestinationPod, Scope::kSpan, kDestinationPod.names},
    {Concept::kDestinationRevision, Scope::kSpan, kDestinationRevision.names},
    {Concept::kDestinationCluster, Scope::kSpan, kDestinationCluster.names},
    {Concept::kCanonicalService, Scope::kSpanOrProcess, kCanonicalService.names},
    {Concept::kCanonicalRevision, Scope::kSpanOrProcess, kCanonicalRevision.names},
    {Concept::kMeshCluster, Scope::kSpanOrProcess, kMeshCluster.names},
    {Concept::kWorkload, Scope::kSpanOrProcess, kWorkload.names},
    {Concept::kPod, Scope::kSpanOrProcess, kPod.names},
    {Concept::kPodUid, Scope::kSpanOrProcess, kPodUid.names},
    {Concept::kPodAddress, Scope::kSpanOrProcess, kPodAddress.names},
    {Concept::kNamespace, Scope::kSpanOrProcess, kNamespace.names},
    {Concept::kIstioNamespace, Scope::kSpanOrProcess, kIstioNamespace.names},
    {Concept::kServiceNamespace, Scope::kProcess, kServiceNamespace.names},
    {Concept::kOwnAddress, Scope::kProcess, kOwnAddress.names},
    {Concept::kHostName, Scope::kProcess, kHostName.names},
    {Concept::kHostname, Scope::kProcess, kHostname.names},
};

struct FamilyPrefix { std::string_view prefix; Family family; };
constexpr FamilyPrefix kFamilies[] = {
    {"grpc.", kGrpcFamily}, {"rpc.", kRpcFamily}, {"http.", kHttpFamily}, {"peer.", kPeerFamily},
    {"db.", kDbFamily}, {"messaging.", kMessagingFamily}, {"message_bus.", kMessagingFamily},
};
// clang-format on

static_assert(std::size(kConcepts) == kConceptCount);
static_assert([] {
    for (std::size_t i = 0; i < kConceptCount; ++i) {
        if (static_cast<std::size_t>(kConcepts[i].meaning) != i) {
            return false;
        }
    }
    return true;
}());

struct Entry {
    std::uint8_t meaning = 0;
    std::uint8_t rank = 0;  // 1 is best; 0 is none
    Family family{};
};

Family family_of(std::string_view key) {
    for (const FamilyPrefix& row : kFamilies) {
        if (key.starts_with(row.prefix)) {
            return row.family;
        }
    }
    return Family{};
}

// The first and last bytes of a key: all of it up to twice that length.
struct Ends {
    explicit Ends(std::string_view key) {
        if (key.size() >= sizeof first) {
            read(key, first, last);
            return;
        }
        if (std::uint32_t head = 0, tail = 0; key.size() >= sizeof head) {
            read(key, head, tail);
            first = head;
            last = tail;
            return;
        }
        for (const char c : key) {
            first = first << 8U | static_cast<unsigned char>(c);
        }
    }
    friend bool operator==(const Ends&, const Ends&) = default;

    std::uint64_t first = 0;
    std::uint64_t last = 0;

 private:
    template <class Word>
    static void read(std::string_view key, Word& head, Word& tail) {
        std::memcpy(&head, key.data(), sizeof head);
        std::memcpy(&tail, key.data() + key.size() - sizeof tail, sizeof tail);
    }
};

// All names, built once. Asked for every attribute of every span: most keys are told by their ends.
class Dictionary {
 public:
    Dictionary() {
        for (const ConceptNames& row : kConcepts) {
            std::uint8_t rank = 1;
            for (const std::string_view name : row.names) {
                add(name, {static_cast<std::uint8_t>(row.meaning), rank++, family_of(name)});
            }
        }
        for (const FamilyPrefix& row : kFamilies) {
            initials_[static_cast<unsigned char>(row.prefix.front())] = true;
        }
    }

    // The family is that of every key, known or not.
    [[nodiscard]] Entry find(std::string_view key) const {
        if (key.size() < kLongest && lengths_[key.size()]) {
            const Ends ends(key);
            for (std::size_t at = place_of(ends); slots_[at] != kFree; at = (at + 1) % kSlots) {
                const Name& name = names_[slots_[at]];
                if (name.text.size() == key.size() && name.ends == ends &&
                    (key.size() <= sizeof ends || name.text == key)) {
                    return name.entry;
                }
            }
        }
        const bool may = !key.empty() && initials_[static_cast<unsigned char>(key.front())];
        return {0, 0, may ? family_of(key) : Family{}};
    }

 private:
    struct Name {
        std::string_view text;
        Ends ends;
        Entry entry;
    };
    static constexpr std::size_t kLongest = 64;
    static constexpr std::size_t kSlots = 512;
    static constexpr std::uint8_t kFree = 0xFF;

    static std::size_t place_of(const Ends& ends) {
        const std::uint64_t hash = (ends.first ^ (ends.last << 7U)) * 0x9E3779B97F4A7C15ULL;
        return static_cast<std::size_t>(hash >> 32U) % kSlots;
    }
    void add(std::string_view name, Entry entry) {
        const Ends ends(name);
        std::size_t at = place_of(ends);
        while (slots_[at] != kFree) {
            at = (at + 1) % kSlots;
        }
        slots_[at] = static_cast<std::uint8_t>(names_.size());
        names_.push_back({name, ends, entry});
        lengths_[name.size()] = true;
    }

    std::vector<Name> names_;
    std::array<std::uint8_t, kSlots> slots_ = [] {
        std::array<std::uint8_t, kSlots> slots{};
        slots.fill(kFree);
        return slots;
    }();
    std::array<bool, kLongest> lengths_{};
    std::array<bool, 256> initials_{};
};

const Dictionary& dictionary() {
    static const Dictionary instance;
    return instance;
}

}  // namespace

std::span<const ConceptNames> concept_names() { return kConcepts; }

void AttributeSet::read(models::Slice<Tag> tags) {
    while (filled_count_ > 0) {
        slots_[filled_[--filled_count_]] = {};
    }
    families_ = 0;
    const Dictionary& names = dictionary();
    for (const Tag& tag : tags) {
        const Entry entry = names.find(tag.key());
        families_ |= entry.family;
        if (entry.rank == 0) {
            continue;
        }
        const bool empty = tag.type() == ValueType::kString && tag.text().empty();
        if (empty && entry.meaning != static_cast<std::uint8_t>(Concept::kError)) {
            continue;
        }
        Slot& slot = slots_[entry.meaning];
        if (slot.tag == nullptr) {
            filled_[filled_count_++] = entry.meaning;
        } else if (entry.rank >= slot.rank) {
            continue;
        }
        slot = {&tag, entry.rank};
    }
}

std::string_view AttributeSet::text(Concept meaning) const {
    const Tag* found = tag(meaning);
    return found != nullptr && found->type() == ValueType::kString ? found->text()
                                                                   : std::string_view();
}

std::optional<std::int64_t> AttributeSet::integer(Concept meaning) const {
    const Tag* found = tag(meaning);
    if (found == nullptr) {
        return std::nullopt;
    }
    constexpr double kExact = 9007199254740992.0;
    switch (found->type()) {
        case ValueType::kInt64:
            return found->as_int();
        case ValueType::kFloat64: {
            const double value = found->as_double();
            const bool whole = std::abs(value) <= kExact && std::trunc(value) == value;
            return whole ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
        }
        case ValueType::kString: {
            const std::string_view text = trim(found->text());
            std::int64_t value = 0;
            const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
            const bool all = end.ec == std::errc() && end.ptr == text.data() + text.size();
            return all ? std::optional(value) : std::nullopt;
        }
        case ValueType::kBool:
        case ValueType::kBinary:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string_view Attributes::name(Concept meaning) const {
    const Tag* found = tag(meaning);
    return found == nullptr ? std::string_view() : found->key();
}

const AttributeSet& Attributes::set_of(Concept meaning) const {
    switch (kConcepts[static_cast<std::size_t>(meaning)].scope) {
        case Scope::kSpan:
            return span_;
        case Scope::kProcess:
            return process_;
        case Scope::kSpanOrProcess:
            return span_.tag(meaning) != nullptr ? span_ : process_;
    }
    return span_;
}

}  // namespace meshscope::business
