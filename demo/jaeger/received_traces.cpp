#include "demo/jaeger/received_traces.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace meshscope::demo {
namespace {

std::size_t memory_of(const Attributes& attributes);

struct ValueMemory {
    std::size_t operator()(const std::string& text) const { return text.size(); }
    std::size_t operator()(const Bytes& bytes) const { return bytes.data.size(); }
    std::size_t operator()(const ValueList& list) const {
        std::size_t sum = 0;
        for (const AttributeValue& value : list) {
            sum += sizeof(AttributeValue) + std::visit(*this, static_cast<const AnyValue&>(value));
        }
        return sum;
    }
    std::size_t operator()(const Attributes& map) const { return memory_of(map); }
    template <class Scalar>
    std::size_t operator()(const Scalar& /*inside the value*/) const {
        return 0;
    }
};

std::size_t memory_of(const Attributes& attributes) {
    std::size_t sum = 0;
    for (const Attribute& attribute : attributes) {
        sum += sizeof(Attribute) + attribute.key.size() +
               std::visit(ValueMemory{}, static_cast<const AnyValue&>(attribute.value));
    }
    return sum;
}

std::size_t memory_of(const SpanRecord& span) {
    constexpr std::size_t kIndex = 48;  // its place among the ids
    std::size_t sum = sizeof(SpanRecord) + kIndex + span.operation.size() +
                      span.status_message.size() + span.trace_state.size() +
                      memory_of(span.attributes);
    for (const EventRecord& event : span.events) {
        sum += sizeof(EventRecord) + event.name.size() + memory_of(event.attributes);
    }
    for (const LinkRecord& link : span.links) {
        sum += sizeof(LinkRecord) + link.trace_state.size() + memory_of(link.attributes);
    }
    for (const std::string& warning : span.warnings) {
        sum += sizeof(std::string) + warning.size();
    }
    return sum;
}

std::size_t memory_of(const ProcessRecord& process) {
    return sizeof(ProcessRecord) + process.service.size() + memory_of(process.tags);
}

std::size_t memory_of(const ScopeRecord& scope) {
    return sizeof(ScopeRecord) + scope.name.size() + scope.version.size() +
           memory_of(scope.attributes);
}

bool same_record(const ProcessRecord& a, const ProcessRecord& b) {
    return a.service == b.service && same(a.tags, b.tags);
}

bool same_record(const ScopeRecord& a, const ScopeRecord& b) {
    return a.name == b.name && a.version == b.version && same(a.attributes, b.attributes);
}

// The last place where something equal stands; the size when there is none. Looks at a few only:
// equal ones come close together.
template <class Record>
std::size_t place_of(const std::vector<Record>& records, const Record& record) {
    constexpr std::size_t kFew = 64;
    const std::size_t first = records.size() > kFew ? records.size() - kFew : 0;
    for (std::size_t i = records.size(); i-- > first;) {
        if (same_record(records[i], record)) {
            return i;
        }
    }
    return records.size();
}

template <class Record>
std::uint32_t put(std::vector<Record>& records, std::size_t place, const Record& record) {
    if (place == records.size()) {
        records.push_back(record);
    }
    return static_cast<std::uint32_t>(place);
}

}  // namespace

std::size_t ReceivedTraces::add(Received received) {
    std::size_t no_room = 0;
    for (ReceivedSpan& item : received.spans) {
        Entry& entry = entry_of(item.trace);
        const ProcessRecord& process = received.processes[item.span.process];
        const ScopeRecord& scope = received.scopes[item.span.scope];
        const TraceRecord& present = *entry.record;
        const std::size_t process_at = place_of(present.processes, process);
        const std::size_t scope_at = place_of(present.scopes, scope);
        item.span.process = static_cast<std::uint32_t>(process_at);
        item.span.scope = static_cast<std::uint32_t>(scope_at);
        const auto [first, last] = entry.by_id.equal_range(item.span.id.value);
        if (std::any_of(first, last, [&](const auto& other) {
                return same(present.spans[other.second], item.span);
            })) {
            continue;
        }
        std::size_t bytes = memory_of(item.span);
        bytes += process_at == present.processes.size() ? memory_of(process) : 0;
        bytes += scope_at == present.scopes.size() ? memory_of(scope) : 0;
        if (!make_room(entry, bytes)) {
            ++no_room;
            continue;
        }
        // Whoever asked for the trace before keeps what it was.
        if (entry.record.use_count() != 1) {
            entry.record = std::make_shared<TraceRecord>(present);
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        TraceRecord& record = *entry.record;
        put(record.processes, process_at, process);
        put(record.scopes, scope_at, scope);
        const SpanRecord& span = item.span;
        record.start_ns =
            record.spans.empty() ? span.start_ns : std::min(record.start_ns, span.start_ns);
        record.end_ns =
            record.spans.empty() ? span.end_ns() : std::max(record.end_ns, span.end_ns());
        entry.by_id.emplace(span.id.value, static_cast<std::uint32_t>(record.spans.size()));
        record.spans.push_back(std::move(item.span));
        entry.bytes += bytes;
        bytes_ += bytes;
        ++spans_;
    }
    return no_room;
}

ReceivedTraces::Entry& ReceivedTraces::entry_of(TraceId id) {
    const auto [at, added] = entries_.try_emplace(id);
    Entry& entry = at->second;
    if (added) {
        entry.record = std::make_shared<TraceRecord>();
        entry.record->id = id;
        entry.place = order_.insert(order_.end(), id);
        entry.bytes = sizeof(TraceRecord) + sizeof(Entry) + 2 * sizeof(TraceId);
        bytes_ += entry.bytes;
    }
    return entry;
}

bool ReceivedTraces::make_room(const Entry& entry, std::size_t bytes) {
    const auto fits = [&] {
        return bytes_ + bytes <= bounds_.bytes && spans_ + 1 <= bounds_.spans;
    };
    order_.splice(order_.end(), order_, entry.place);
    while (!fits() && order_.size() > 1) {
        forget_first();
    }
    return fits();
}

void ReceivedTraces::forget_first() {
    const auto at = entries_.find(order_.front());
    bytes_ -= at->second.bytes;
    spans_ -= at->second.record->spans.size();
    entries_.erase(at);
    order_.pop_front();
}

TraceRecordPtr ReceivedTraces::find(TraceId id) const {
    const auto at = entries_.find(id);
    return at == entries_.end() || at->second.record->spans.empty() ? nullptr : at->second.record;
}

std::vector<TraceRecordPtr> ReceivedTraces::all() const {
    std::vector<TraceRecordPtr> out;
    out.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) {
        if (!entry.record->spans.empty()) {
            out.push_back(entry.record);
        }
    }
    std::sort(out.begin(), out.end(), [](const TraceRecordPtr& a, const TraceRecordPtr& b) {
        return a->start_ns > b->start_ns;
    });
    return out;
}

}  // namespace meshscope::demo
