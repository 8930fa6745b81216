#pragma once

#include "clients/store_target.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

// How the trace store is configured, as far as explanations need it. No secrets.
struct StoreSetup {
    std::string url;                       // without userinfo; "" none
    std::string url_key = "internal_url";  // below external_services.tracing
    clients::StoreTarget::Transport transport = clients::StoreTarget::Transport::kGrpcThenHttp;
    std::string auth_type = "none";
    std::int64_t receive_limit_mb = 0;
    std::string app_label;  // istio_labels.app_label_name; "" automatic
};

// A setting and what to make of it. `from` and `to` may be unknown ("").
struct SettingChange {
    std::string key;
    std::string from;
    std::string to;
    friend bool operator==(const SettingChange&, const SettingChange&) = default;
};

// Other settings of the store, which were or could be tried.
struct Proposal {
    clients::StoreTarget target;
    SettingChange change;
    std::string code;  // of the verdict, when they work
};

struct Attempt {
    Proposal proposal;
    std::optional<Error> error;  // nullopt: they work
};

// A name that the subject's traces may be stored under.
struct NameTried {
    // Which rule or label makes it: "" the one in use.
    enum class By : std::uint8_t { kInUse, kNamespaceSelector, kLabel };
    std::string service;
    By by = By::kInUse;
    std::string label;                        // of kLabel
    std::optional<bool> listed;               // among the store's services; nullopt: not asked
    std::optional<std::uint64_t> traces;      // in the window, visible; nullopt: not asked
    std::optional<std::uint64_t> of_subject;  // of those, traces that surely are the subject's
};

// What was found out about one page without traces.
struct ExplainFacts {
    StoreSetup setup;
    std::optional<Error> off;          // there is no store, and why
    std::optional<Error> store_error;  // of the list of services
    std::vector<Attempt> attempts;
    // Of the service of the cluster that the URL's host names; empty: none, or not known.
    std::vector<std::uint16_t> service_ports;
    std::string protocol;
    std::chrono::microseconds latency{0};

    std::optional<std::uint64_t> services_known;  // nullopt: not asked, or not for this caller
    std::vector<NameTried> names;                 // the one in use first
    std::map<std::string, std::string> tags;      // that every search carries

    std::optional<Error> search_error;
    bool at_limit = false;                      // the search ended at its limit
    std::uint64_t limit = 0;                    // of traces
    std::optional<std::uint64_t> without_tags;  // traces of the name in use, without `tags`

    TimeRange window;
    SystemTime now;
    bool looked_elsewhere = false;     // outside of the window
    std::optional<SystemTime> newest;  // the newest trace that was found there
    std::optional<bool> any_before;    // whether any trace begins before the window's end

    std::optional<double> requests;  // by metrics, in the window
    std::optional<double> sampling;  // percent, as the mesh's configuration says
    std::string sampling_key;        // what says so, as a setting to change; "" nothing
    std::string reporting_off_key;   // what says that no spans are sent, likewise
    bool has_proxy = true;           // the workload's pods have a sidecar, or ztunnel serves them
    bool limited_rights = false;
};

}  // namespace meshscope::business
