#include "business/health_rates.hpp"

#include <algorithm>
#include <cmath>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using models::MetricVector;
using models::RatesByCode;
using models::RequestRates;
using promql::Label;
using promql::Matcher;
using promql::Matchers;

constexpr Label kReporter = "reporter";
constexpr Label kProtocol = "request_protocol";
constexpr Label kCode = "response_code";
constexpr Label kGrpc = "grpc_response_status";

promql::Expr query(
    Matchers matchers,
    const std::vector<std::string>& namespaces,
    const Label& ns,
    std::vector<Label> by,
    std::chrono::seconds interval
) {
    if (!namespaces.empty()) {
        matchers.push_back(Matcher::one_of(ns, namespaces));
    }
    by.insert(by.begin(), {kReporter, ns});
    by.insert(by.end(), {kProtocol, kCode, kGrpc});
    return above_zero(sum(rate("istio_requests_total", matchers, interval), by));
}

// What came back: "-" where nothing did, whatever the caller's proxy makes of that; else gRPC's own
// status where there is one.
std::string_view code_of(
    std::string_view protocol, std::string_view response_code, std::string_view grpc_status
) {
    if (response_code == "0") {
        return "-";
    }
    return protocol == "grpc" && !grpc_status.empty() ? grpc_status : response_code;
}

enum Reporter : std::size_t { kSource, kDestination, kOther, kReporters };

Reporter reporter_of(std::string_view text) {
    return text == "source" ? kSource : text == "destination" ? kDestination : kOther;
}

// The rates of one object as each reporter tells of them.
using Told = std::array<RatesByCode, kReporters>;

using ToldObjects = std::map<std::string, std::map<std::string, Told, std::less<>>, std::less<>>;

void add(RatesByCode& rates, std::string_view protocol, std::string_view code, double rate) {
    auto of_protocol = rates.find(protocol);
    if (of_protocol == rates.end()) {
        of_protocol = rates.try_emplace(std::string(protocol)).first;
    }
    auto of_code = of_protocol->second.find(code);
    if (of_code == of_protocol->second.end()) {
        of_code = of_protocol->second.try_emplace(std::string(code), 0.0).first;
    }
    of_code->second += rate;
}

Told& object(ToldObjects& objects, std::string_view ns, std::string_view name) {
    auto of_ns = objects.find(ns);
    if (of_ns == objects.end()) {
        of_ns = objects.try_emplace(std::string(ns)).first;
    }
    auto found = of_ns->second.find(name);
    if (found == of_ns->second.end()) {
        found = of_ns->second.try_emplace(std::string(name)).first;
    }
    return found->second;
}

struct Names {
    const char* ns;
    const char* name;
    ToldObjects* objects;
};

void read_into(
    const MetricVector& answer, const std::vector<Names>& wanted, const HealthRates::Factor& factor
) {
    const models::LabelTable& labels = answer.labels;
    const std::size_t reporter = labels.column(kReporter.name());
    const std::size_t protocol = labels.column(kProtocol.name());
    const std::size_t code = labels.column(kCode.name());
    const std::size_t grpc = labels.column(kGrpc.name());
    for (const auto& [ns_label, name_label, objects] : wanted) {
        const std::size_t ns = labels.column(ns_label);
        const std::size_t name = labels.column(name_label);
        for (std::size_t row = 0; row < labels.rows(); ++row) {
            const std::string_view told = labels.cell(row, protocol);
            const double rate = answer.values[row];
            if (told.empty() || labels.cell(row, name).empty() || !std::isfinite(rate)) {
                continue;
            }
            const std::string_view ns_text = labels.cell(row, ns);
            add(object(
                    *objects, ns_text, labels.cell(row, name)
                )[reporter_of(labels.cell(row, reporter))],
                told,
                code_of(told, labels.cell(row, code), labels.cell(row, grpc)),
                rate * factor(ns_text));
        }
    }
}

// Of each code the most that anybody tells of.
RatesByCode most(const Told& told) {
    RatesByCode out = told[kSource];
    for (const Reporter reporter : {kDestination, kOther}) {
        for (const auto& [protocol, codes] : told[reporter]) {
            auto& into = out[protocol];
            for (const auto& [code, rate] : codes) {
                double& known = into[code];
                known = std::max(known, rate);
            }
        }
    }
    return out;
}

const RequestRates& none() {
    static const RequestRates kNone;
    return kNone;
}

template <class Objects>
const RequestRates& find(const Objects& objects, std::string_view ns, std::string_view name) {
    const auto of_ns = objects.find(ns);
    if (of_ns == objects.end()) {
        return none();
    }
    const auto found = of_ns->second.find(name);
    return found == of_ns->second.end() ? none() : found->second;
}

template <class Objects>
void put(const ToldObjects& from, Objects& into, RatesByCode RequestRates::* side) {
    for (const auto& [ns, names] : from) {
        for (const auto& [name, told] : names) {
            into[ns][name].*side = most(told);
        }
    }
}

}  // namespace

HealthQueries health_queries(
    const std::vector<std::string>& namespaces,
    std::chrono::seconds interval,
    const std::string& cluster
) {
    std::vector<std::string> of_services = namespaces;
    if (!namespaces.empty()) {
        of_services.emplace_back("unknown");  // of hosts outside of the mesh
    }
    return {
        query(
            {Matcher::equals("destination_cluster", cluster)},
            namespaces,
            "destination_workload_namespace",
            {"destination_workload", "destination_canonical_service"},
            interval
        ),
        query(
            {Matcher::equals(kReporter, "source"), Matcher::equals("source_cluster", cluster)},
            namespaces,
            "source_workload_namespace",
            {"source_workload", "source_canonical_service"},
            interval
        ),
        query(
            {Matcher::one_of("destination_cluster", {cluster, "unknown"})},
            of_services,
            "destination_service_namespace",
            {"destination_service_name"},
            interval
        ),
    };
}

HealthRates HealthRates::read(
    const std::array<const MetricVector*, 3>& answers, const Factor& factor
) {
    ToldObjects workloads_in, workloads_out, apps_in, apps_out, services;
    read_into(
        *answers[0],
        {{"destination_workload_namespace", "destination_workload", &workloads_in},
         {"destination_workload_namespace", "destination_canonical_service", &apps_in}},
        factor
    );
    read_into(
        *answers[1],
        {{"source_workload_namespace", "source_workload", &workloads_out},
         {"source_workload_namespace", "source_canonical_service", &apps_out}},
        factor
    );
    read_into(
        *answers[2],
        {{"destination_service_namespace", "destination_service_name", &services}},
        factor
    );
    HealthRates rates;
    put(workloads_in, rates.workloads_, &RequestRates::inbound);
    put(workloads_out, rates.workloads_, &RequestRates::outbound);
    put(apps_in, rates.apps_, &RequestRates::inbound);
    put(apps_out, rates.apps_, &RequestRates::outbound);
    put(services, rates.services_, &RequestRates::inbound);
    return rates;
}

const RequestRates& HealthRates::of_app(std::string_view ns, std::string_view name) const {
    return find(apps_, ns, name);
}
const RequestRates& HealthRates::of_service(std::string_view ns, std::string_view name) const {
    return find(services_, ns, name);
}
const RequestRates& HealthRates::of_workload(std::string_view ns, std::string_view name) const {
    return find(workloads_, ns, name);
}

}  // namespace meshscope::business
