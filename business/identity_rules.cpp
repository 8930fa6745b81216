#include "business/identity_rules.hpp"

#include "business/identity_findings.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace meshscope::business {

namespace {

// The namespaces that rights are decided on, in the order in which they were named. More than two
// are as good as none.
class RightsOf {
 public:
    void add(std::string_view ns) {
        const auto end = names_.begin() + std::min(count_, names_.size());
        if (ns.empty() || std::find(names_.begin(), end, ns) != end) {
            return;
        }
        if (count_ < names_.size()) {
            names_[count_] = ns;
        }
        ++count_;
    }
    // `shown`: what the identity says, named first when it is among them.
    void give(SpanIdentity& identity, std::string_view shown) {
        if (count_ == 0 || count_ > names_.size()) {
            return;
        }
        if (count_ == names_.size() && names_[1] == shown) {
            std::swap(names_[0], names_[1]);
        }
        identity.rights_ns = names_[0];
        identity.also_ns = names_[1];
    }

 private:
    std::array<std::string_view, 2> names_;
    std::size_t count_ = 0;  // of different ones, also those for which there is no place
};

std::uint16_t bit(Evidence evidence) {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(evidence));
}

// Of an identity without a cluster: whose key `rule` is.
Evidence evidence_of(const IdentityClues& clues, std::string_view rule) {
    if (rule.empty()) {
        return Evidence::kNone;
    }
    if (rule.starts_with("k8s.")) {
        return Evidence::kKubernetes;
    }
    if (rule == clues.node_pod.rule) {
        return Evidence::kNodeId;
    }
    if (rule == clues.canonical.rule || rule == clues.istio_ns.rule) {
        return Evidence::kCanonical;
    }
    return rule.starts_with("istio.") ? Evidence::kIstioPeer : Evidence::kHostname;
}

Evidence evidence_of_pod(const IdentityClues& clues, std::string_view pod) {
    if (pod == clues.pod.text) {
        return Evidence::kKubernetes;
    }
    return pod == clues.node_pod.text ? Evidence::kNodeId : Evidence::kHostname;
}

void add_own_namespaces(const IdentityClues& clues, RightsOf& rights) {
    rights.add(clues.ns.text);
    rights.add(clues.istio_ns.text);
    rights.add(is_known(clues.node.ns) ? clues.node.ns : std::string_view());
}

bool of_another_cluster(const IdentityClues& clues, std::string_view cluster) {
    const std::string_view peer = clues.peer ? clues.peer.cluster.text : std::string_view();
    const std::string_view named = peer.empty() ? clues.istio_cluster : peer;
    return !named.empty() && named != cluster;
}

}  // namespace

SpanIdentity identity_alone(const IdentityClues& clues) {
    const IdentityFact& fact = clues.alone;
    SpanIdentity out;
    out.cluster = fact.cluster;
    out.ns = fact.ns;
    out.workload = fact.workload;
    out.pod = fact.pod;
    out.service = fact.service;
    out.app = fact.app;
    if (fact.workload_rule == "pod name") {
        out.evidence = evidence_of_pod(clues, fact.pod);
        out.rule = fact.workload_rule;
    } else if (!fact.workload.empty()) {
        out.evidence = evidence_of(clues, fact.workload_rule);
        out.rule = fact.workload_rule;
    } else if (!fact.app.empty()) {
        out.rule = clues.peer ? clues.peer.service.rule : clues.canonical.rule;
        out.evidence = clues.peer ? Evidence::kIstioPeer : evidence_of(clues, out.rule);
    } else if (!fact.ns.empty()) {
        out.rule = fact.ns_rule;
        out.evidence = evidence_of(clues, fact.ns_rule);
    } else if (!fact.pod.empty()) {
        out.rule = clues.pod.rule;
        out.evidence = evidence_of_pod(clues, fact.pod);
    }
    out.certainty = out.evidence == Evidence::kNone ? Certainty::kUnknown : Certainty::kNamed;
    const bool for_another = fact.waypoint && clues.peer;
    if (for_another) {
        out.reporter_ns = clues.own_ns().text;
        out.reporter = workload_of_pod(clues.node.pod);
    }
    RightsOf rights;
    rights.add(fact.ns);
    if (!for_another) {
        add_own_namespaces(clues, rights);
    }
    rights.give(out, fact.ns);
    return out;
}

namespace {

// Weighs what the evidence says.
class Judge {
 public:
    Judge(const IdentityClues& clues, const models::ClusterSnapshot& cluster)
        : clues_(clues), cluster_(cluster), evidence_(clues, cluster) {}

    Resolved run() {
        const bool for_another = clues_.alone.waypoint && take_target();
        if (!for_another) {
            collect();
        }
        decide();
        complete();
        give_rights(for_another);
        if (for_another) {
            name_reporter();
        }
        return {out_, by_time_};
    }

 private:
    void add(const Finding& finding) {
        if (finding) {
            findings_.push_back(finding);
        }
    }
    [[nodiscard]] bool has_workload() const {
        return std::any_of(findings_.begin(), findings_.end(), [](const Finding& finding) {
            return !finding.workload.empty();
        });
    }

    // Whom a waypoint speaks for: then the rest of the span describes the waypoint.
    bool take_target() {
        add(clues_.peer ? evidence_.peer() : evidence_.waypoint_target());
        return !findings_.empty() || clues_.peer;
    }

    void collect() {
        add(evidence_.peer());
        add(evidence_.canonical());
        add(evidence_.kubernetes());
        add(evidence_.node_id());
        if (!has_workload()) {
            add_weak(evidence_.hostname());
        }
        if (!has_workload()) {
            by_time_ = std::any_of(
                clues_.addresses.begin(),
                clues_.addresses.end(),
                [](const Clue& address) { return static_cast<bool>(address); }
            );
            add_weak(evidence_.address());
        }
        add_weak(evidence_.service_name());
        if (findings_.empty()) {
            add(evidence_.unique_name());
        }
    }

    // What may be a coincidence decides nothing against the namespace that the span names.
    void add_weak(Finding finding) {
        const std::string_view own = clues_.own_ns().text;
        if (!own.empty() && finding.ns != own) {
            finding.workload = finding.pod = finding.app = finding.service = {};
            finding.object = nullptr;
        }
        add(finding);
    }

    // The first that names a workload, else an application or service, else a namespace.
    [[nodiscard]] const Finding* decider() const {
        const auto first = [&](auto names) {
            const auto at = std::find_if(findings_.begin(), findings_.end(), names);
            return at == findings_.end() ? nullptr : &*at;
        };
        if (const Finding* out = first([](const Finding& one) { return !one.workload.empty(); })) {
            return out;
        }
        if (const Finding* out = first([](const Finding& one) {
                return !one.app.empty() || !one.service.empty();
            })) {
            return out;
        }
        return first([](const Finding&) { return true; });
    }

    void decide() {
        const Finding* best = decider();
        if (best == nullptr) {
            return;
        }
        out_.evidence = best->evidence;
        out_.rule = best->rule;
        out_.certainty = best->found ? Certainty::kFound : Certainty::kNamed;
        out_.ns = best->ns;
        out_.workload = best->workload;
        out_.object = best->object;
        out_.pod = best->pod;
        out_.service = best->service;
        out_.app = best->app;
        for (const Finding& other : findings_) {
            if (&other == best) {
                continue;
            }
            if (!agrees(other)) {
                out_.conflicts |= bit(other.evidence);
                continue;
            }
            fill(out_.pod, other.pod);
            fill(out_.service, other.service);
            fill(out_.app, other.app);
        }
    }

    static void fill(std::string_view& target, std::string_view value) {
        target = target.empty() ? value : target;
    }
    static bool same(std::string_view a, std::string_view b) {
        return a.empty() || b.empty() || a == b;
    }
    [[nodiscard]] bool agrees(const Finding& other) const {
        const models::Workload* object = out_.object;
        const bool its_app = same(out_.app, other.app) ||
                             (object != nullptr &&
                              (object->canonical_name == other.app || object->app == other.app));
        return out_.ns == other.ns && same(out_.workload, other.workload) &&
               same(out_.pod, other.pod) && its_app;
    }

    // What the object itself tells.
    void complete() {
        out_.cluster = clues_.alone.cluster;
        if (out_.object == nullptr) {
            return;
        }
        const models::Workload& object = *out_.object;
        fill(out_.cluster, cluster_.cluster);
        out_.app = object.app.empty() ? std::string_view(object.canonical_name)
                                      : std::string_view(object.app);
        if (object.virtual_machine) {
            out_.pod = {};
        }
        const models::NamespaceView* view = cluster_.find(object.ns);
        const auto services = view->services_of(object);
        const bool named = std::any_of(services.begin(), services.end(), [&](const auto& one) {
            return one->meta.name == out_.service;
        });
        if (!named) {
            out_.service = services.size() == 1 ? std::string_view(services.front()->meta.name)
                                                : std::string_view();
        }
    }

    void give_rights(bool for_another) {
        RightsOf rights;
        for (const Finding& finding : findings_) {
            rights.add(finding.placed ? finding.ns : std::string_view());
        }
        const bool untold = for_another && (findings_.empty() || !findings_.front().placed);
        if (!for_another || untold) {
            add_own_namespaces(clues_, rights);
        }
        rights.give(out_, out_.ns);
    }

    void name_reporter() {
        out_.reporter_ns = clues_.own_ns().text;
        const Finding own = evidence_.node_id();
        out_.reporter = own.workload;
    }

    const IdentityClues& clues_;
    const models::ClusterSnapshot& cluster_;
    const ClusterEvidence evidence_;
    std::vector<Finding> findings_;  // best evidence first
    SpanIdentity out_;
    bool by_time_ = false;
};

}  // namespace

Resolved identity_in(const IdentityClues& clues, const models::ClusterSnapshot& cluster) {
    if (of_another_cluster(clues, cluster.cluster)) {
        SpanIdentity out = identity_alone(clues);
        out.rights_ns = out.also_ns = {};
        return {out, false};
    }
    return Judge(clues, cluster).run();
}

}  // namespace meshscope::business
