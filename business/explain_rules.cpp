#include "business/explain_rules.hpp"

#include "business/explain_parts.hpp"
#include "business/store_url.hpp"
#include "core/time_text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace meshscope::business {

namespace {

// Below this many requests a sampling of 1 % (Istio's default) may well leave none.
constexpr double kFewRequests = 300;
constexpr std::chrono::seconds kClockSlack{10};

std::string counted(std::uint64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string whole(double number) {
    return std::to_string(static_cast<std::int64_t>(std::llround(number)));
}

Verdict verdict(std::string code, Sureness certainty, std::string summary) {
    return {std::move(code), certainty, std::move(summary), std::nullopt};
}

const NameTried* in_use(const ExplainFacts& facts) {
    return facts.names.empty() ? nullptr : &facts.names.front();
}

// Another name under which there are traces, the surest first.
const NameTried* better_name(const ExplainFacts& facts) {
    const NameTried* best = nullptr;
    for (const NameTried& name : facts.names) {
        if (name.by == NameTried::By::kInUse || name.traces.value_or(0) == 0) {
            continue;
        }
        if (best == nullptr || name.of_subject.value_or(0) > best->of_subject.value_or(0)) {
            best = &name;
        }
    }
    return best;
}

Verdict of_name(const ExplainFacts& facts, const NameTried& name) {
    const bool own = name.of_subject.value_or(0) > 0;
    const std::string asked = in_use(facts)->service;
    Verdict out = verdict(
        "name_scheme",
        own ? Sureness::kCertain : Sureness::kPossible,
        "The traces are not stored as '" + asked + "' but as '" + name.service + "'."
    );
    if (!own) {
        out.summary = "There are traces stored as '" + name.service + "' and none as '" + asked +
                      "'; whether they are of this workload is not sure.";
    }
    if (name.by == NameTried::By::kNamespaceSelector) {
        const bool longer = name.service.size() > asked.size();
        out.change = SettingChange{
            "external_services.tracing.namespace_selector",
            longer ? "false" : "true",
            longer ? "true" : "false"
        };
    } else {
        out.code = "app_label";
        out.change =
            SettingChange{"istio_labels.app_label_name", facts.setup.app_label, name.label};
    }
    return out;
}

Verdict of_tags(const ExplainFacts& facts) {
    const bool cluster = facts.tags.contains("istio.cluster_id");
    std::string tags;
    for (const auto& [key, value] : facts.tags) {
        tags.append(tags.empty() ? "" : ", ").append(key).append("=").append(value);
    }
    Verdict out = verdict(
        cluster ? "cluster_tag" : "query_scope",
        facts.tags.size() == 1 ? Sureness::kCertain : Sureness::kLikely,
        "There are traces, but no span of them carries what every search asks for: " + tags + "."
    );
    out.change = cluster ? SettingChange{"clustering.clusters", "", ""}
                         : SettingChange{"external_services.tracing.query_scope", tags, ""};
    return out;
}

// There are traces, but outside of the window.
std::optional<Verdict> of_window(const ExplainFacts& facts) {
    if (facts.window.start > facts.now + kClockSlack) {
        return verdict(
            "window_in_future", Sureness::kCertain, "The window lies in the future of this server."
        );
    }
    if (!facts.newest) {
        return std::nullopt;
    }
    const std::string newest = format_rfc3339(*facts.newest);
    if (*facts.newest > facts.now + kClockSlack) {
        Verdict out = verdict(
            "clock_skew",
            Sureness::kLikely,
            "There are traces that begin in the future, at " + newest +
                ": the clock of a node, or of this server, is wrong."
        );
        return out;
    }
    if (*facts.newest >= facts.window.end && !facts.any_before.value_or(true)) {
        return verdict(
            "window_beyond_retention",
            facts.requests.value_or(0) > 0 ? Sureness::kLikely : Sureness::kPossible,
            "The trace store has newer traces and none as old as the window: what it keeps does "
            "not "
            "reach back so far."
        );
    }
    if (facts.requests && *facts.requests > 0 && *facts.newest < facts.window.start) {
        return verdict(
            "traces_stopped",
            Sureness::kPossible,
            "The newest trace is of " + newest + " and there were " + whole(*facts.requests) +
                " requests since: spans no longer arrive, or a node's clock is behind."
        );
    }
    return verdict(
        "outside_window",
        Sureness::kLikely,
        "There are traces outside of the window only; the newest is of " + newest + "."
    );
}

Verdict of_sampling(const ExplainFacts& facts) {
    if (!facts.reporting_off_key.empty()) {
        Verdict out = verdict(
            "exporter_off",
            Sureness::kLikely,
            "The mesh is told to send no spans of this workload: " + facts.reporting_off_key +
                " is true."
        );
        out.change = SettingChange{facts.reporting_off_key, "true", "false"};
        return out;
    }
    if (facts.sampling && *facts.sampling <= 0) {
        Verdict out = verdict(
            "sampling_zero",
            Sureness::kLikely,
            "No trace begins at this workload: " + facts.sampling_key + " is 0."
        );
        out.change = SettingChange{facts.sampling_key, "0", "1"};
        return out;
    }
    const bool traffic = facts.requests.value_or(0) > 0;
    if (facts.requests && !traffic) {
        return verdict(
            "no_traffic", Sureness::kLikely, "By its metrics the workload had no request at all."
        );
    }
    if (facts.services_known && *facts.services_known == 0) {
        Verdict out = verdict(
            "exporter_off",
            traffic ? Sureness::kLikely : Sureness::kPossible,
            traffic ? "There were requests, and the trace store knows no service at all: nothing "
                      "sends spans to it."
                    : "The trace store knows no service at all: nothing sends spans to it."
        );
        out.change = SettingChange{"meshConfig.extensionProviders and Telemetry tracing", "", ""};
        return out;
    }
    if (!facts.has_proxy) {
        return verdict(
            "no_proxy",
            Sureness::kPossible,
            "The workload has no proxy: only what it sends itself is traced."
        );
    }
    if (traffic) {
        const double rate = facts.sampling.value_or(1);
        const double expected = *facts.requests * rate / 100;
        Verdict out = verdict(
            *facts.requests < kFewRequests || facts.sampling ? "sampling_low" : "not_exported",
            Sureness::kPossible,
            whole(*facts.requests) + " requests in the window; with a sampling of " + whole(rate) +
                " % about " + whole(expected) +
                " traces are to be expected: the sampling is lower, or spans are not exported."
        );
        out.change = SettingChange{
            facts.sampling ? facts.sampling_key : "Telemetry randomSamplingPercentage", "", ""
        };
        return out;
    }
    return verdict(
        "unknown",
        Sureness::kPossible,
        "The trace store answers and has no trace of this; without metrics it cannot be told "
        "whether there was traffic."
    );
}

std::string error_text(const Error& error) {
    return error.detail().empty() ? error.message() : error.message() + " (" + error.detail() + ")";
}

class Ladder {
 public:
    Ladder() {
        for (std::size_t i = 0; i < kRungs; ++i) {
            rungs_[i].rung = static_cast<Rung>(i);
        }
    }
    RungFinding& at(Rung rung) { return rungs_[static_cast<std::size_t>(rung)]; }

    void ok(Rung rung, std::string evidence = {}) {
        at(rung).state = RungState::kOk;
        at(rung).evidence = std::move(evidence);
    }
    void ok_below(Rung rung) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(rung); ++i) {
            rungs_[i].state = RungState::kOk;
        }
    }
    void fail(Rung rung, std::string evidence, bool sure) {
        at(rung).state = sure ? RungState::kFailed : RungState::kUnknown;
        at(rung).evidence = std::move(evidence);
    }
    [[nodiscard]] std::array<RungFinding, kRungs> take() { return std::move(rungs_); }

 private:
    std::array<RungFinding, kRungs> rungs_;
};

std::string name_evidence(const ExplainFacts& facts) {
    std::string out;
    for (const NameTried& name : facts.names) {
        if (name.traces || name.listed) {
            out.append(out.empty() ? "" : ", ").append(name.service).append(" (");
            out += name.traces ? std::to_string(*name.traces)
                               : std::string(*name.listed ? "known" : "not known");
            out += ")";
        }
    }
    return out.empty() ? out : "searched as " + out;
}

// The service is there and has no such port.
void blame_port(const ExplainFacts& facts, Verdict& verdict) {
    const auto url = read_store_url(facts.setup.url);
    const bool silent = verdict.code == "nothing_listens" || verdict.code == "no_answer";
    const auto has = [&](std::uint16_t port) {
        return std::ranges::find(facts.service_ports, port) != facts.service_ports.end();
    };
    if (!silent || !url || facts.service_ports.empty() || has(url->port_or_default())) {
        return;
    }
    verdict.code = "wrong_port";
    verdict.summary = "The service that the URL names has no port " +
                      std::to_string(url->port_or_default()) + ".";
    const bool http = facts.setup.transport == clients::StoreTarget::Transport::kHttp;
    StoreUrl other = *url;
    other.port = http ? kJaegerHttpPort : kJaegerGrpcPort;
    if (verdict.change && has(other.port)) {
        verdict.change->to = other.to_string();
    }
}

Explanation failed_store(const ExplainFacts& facts, const Error& error) {
    StoreVerdict found = judge_store_error(facts.setup, error, facts.attempts);
    blame_port(facts, found.verdict);
    Ladder ladder;
    ladder.ok_below(found.rung);
    ladder.fail(found.rung, error_text(error), true);
    return {std::move(found.verdict), ladder.take()};
}

}  // namespace

std::string_view to_string(Rung rung) {
    constexpr std::array<std::string_view, kRungs> kWords{
        "reachable",
        "protocol",
        "path",
        "credentials",
        "tenant",
        "storage",
        "names",
        "window",
        "sampling",
        "rights"
    };
    return kWords.at(static_cast<std::size_t>(rung));
}

std::string_view to_string(RungState state) {
    constexpr std::array<std::string_view, 4> kWords{"not_tried", "ok", "failed", "unknown"};
    return kWords.at(static_cast<std::size_t>(state));
}

Verdict judge_emptiness(const ExplainFacts& facts, Rung& failed) {
    failed = Rung::kNames;
    if (const NameTried* name = better_name(facts)) {
        return of_name(facts, *name);
    }
    const NameTried* used = in_use(facts);
    if (used != nullptr && used->traces.value_or(0) > 0 && used->of_subject.value_or(1) == 0) {
        Verdict out = verdict(
            facts.at_limit ? "limit_reached" : "not_of_this_workload",
            facts.at_limit ? Sureness::kLikely : Sureness::kPossible,
            facts.at_limit
                ? "The newest " + counted(*used->traces, "trace") + " of '" + used->service +
                      "' hold no span of this workload; older ones may."
                : "There are traces of '" + used->service + "', none with a span of this workload."
        );
        if (facts.at_limit) {
            out.change = SettingChange{
                "limit", std::to_string(facts.limit), std::to_string(10 * facts.limit)
            };
        }
        return out;
    }
    if (!facts.tags.empty() && facts.without_tags.value_or(0) > 0) {
        return of_tags(facts);
    }
    failed = Rung::kWindow;
    if (auto out = of_window(facts)) {
        return std::move(*out);
    }
    failed = Rung::kSampling;
    Verdict out = of_sampling(facts);
    if (facts.limited_rights && out.certainty == Sureness::kPossible) {
        failed = Rung::kRights;
        return verdict(
            "rights",
            Sureness::kPossible,
            "Nothing that you may see was found. Spans whose namespace is not known, and those of "
            "namespaces that you may not see, are left out."
        );
    }
    return out;
}

Explanation explain(const ExplainFacts& facts) {
    if (facts.off) {
        Ladder ladder;
        ladder.fail(Rung::kReachable, facts.off->message(), true);
        Verdict out = verdict(facts.off->code(), Sureness::kCertain, facts.off->message());
        if (!facts.off->hint().setting.empty()) {
            out.change = SettingChange{facts.off->hint().setting, "", facts.off->hint().value};
        }
        return {std::move(out), ladder.take()};
    }
    if (facts.store_error) {
        return failed_store(facts, *facts.store_error);
    }
    if (facts.search_error) {
        return failed_store(facts, *facts.search_error);
    }
    Ladder ladder;
    ladder.ok_below(Rung::kNames);
    ladder.at(Rung::kReachable).took = facts.latency;
    ladder.at(Rung::kProtocol).evidence = facts.protocol;
    const NameTried* used = in_use(facts);
    if (used != nullptr && used->of_subject.value_or(0) > 0) {
        for (const Rung rung : {Rung::kNames, Rung::kWindow, Rung::kSampling, Rung::kRights}) {
            ladder.ok(rung);
        }
        ladder.at(Rung::kNames).evidence = name_evidence(facts);
        return {
            verdict(
                "not_empty",
                Sureness::kCertain,
                "There are traces in this window: " + counted(*used->of_subject, "trace") + "."
            ),
            ladder.take()
        };
    }
    Rung failed = Rung::kNames;
    Verdict out = judge_emptiness(facts, failed);
    ladder.ok_below(failed);
    ladder.at(Rung::kReachable).took = facts.latency;
    ladder.at(Rung::kProtocol).evidence = facts.protocol;
    ladder.at(Rung::kNames).evidence = name_evidence(facts);
    ladder.fail(failed, out.summary, out.certainty != Sureness::kPossible);
    return {std::move(out), ladder.take()};
}

}  // namespace meshscope::business
