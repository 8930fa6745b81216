#pragma once

#include "business/identity.hpp"
#include "business/service_name.hpp"
#include "business/trace_view.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::business {

// Which traces and spans the page of one application, service or workload shows, out of those that
// the store found under its name. Only visible spans count. Immutable; its functions may be called
// from several threads.
//  - an application, and a service that is looked up under its own name: all that was found. Under
//    another name (a waypoint's; a service's application): spans that name it, and of a service
//    those of workloads that it selects;
//  - a workload: spans that belong to it by their identity, exactly.
class SubjectFilter {
 public:
    struct Parts {
        Subject::What what = Subject::What::kApp;
        std::string name_space;
        std::string name;
        ResolvedName resolved;
        std::string service;                  // as the store knows it (store_service)
        models::ClusterSnapshotPtr snapshot;  // null: spans are taken at their word
    };
    explicit SubjectFilter(Parts parts);

    // Whether every trace passes.
    [[nodiscard]] bool keeps_all() const { return own_name_; }
    [[nodiscard]] bool keeps(const TraceView& view) const;
    // The spans that it reported itself or that a waypoint reported for it; visible, ascending.
    [[nodiscard]] std::vector<std::uint32_t> spans_of(const TraceView& view) const;

 private:
    // Null where names alone tell.
    [[nodiscard]] std::shared_ptr<const TraceIdentities> identities(const TraceView& view) const;
    [[nodiscard]] bool is_of_it(
        const TraceView& view, const TraceIdentities* identities, std::size_t span
    ) const;
    [[nodiscard]] bool selected(const SpanIdentity& identity) const;

    Parts parts_;
    bool own_name_;
    const models::Service* object_ = nullptr;  // in the snapshot
};

}  // namespace meshscope::business
