#pragma once

#include "models/cluster_snapshot.hpp"
#include "models/trace.hpp"

#include <map>
#include <string>
#include <vector>

namespace meshscope::tests {

// One span and whom it belongs to. Texts that are absent are "".
struct IdentityCase {
    std::string scheme;
    std::string name;
    models::TracePtr trace;  // of one span
    models::ClusterSnapshotPtr cluster;
    std::map<std::string, std::string>
        is;  // ns, workload, pod, service, app, reporter, rights, also
    std::string evidence;
    bool is_unknown = false;  // nobody can tell the workload
    std::vector<std::string> conflicts;
};

// All cases of tests/data/identity/*.json, whose form its README says.
std::vector<IdentityCase> identity_corpus();

}  // namespace meshscope::tests
