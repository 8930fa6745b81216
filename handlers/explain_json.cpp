#include "handlers/explain_json.hpp"

#include "handlers/safe_text.hpp"

namespace meshscope::handlers {

namespace {

void write_change(JsonWriter& json, const business::SettingChange& change) {
    json.begin_object().field("key", change.key);
    if (!change.from.empty()) {
        json.field("from", safe_text(change.from));
    }
    if (!change.to.empty()) {
        json.field("to", safe_text(change.to));
    }
    json.end_object();
}

void write_verdict(JsonWriter& json, const business::Verdict& verdict) {
    json.begin_object().field("code", verdict.code);
    json.field("certainty", business::to_string(verdict.certainty));
    json.field("summary", safe_text(verdict.summary));
    if (verdict.change) {
        write_change(json.key("change"), *verdict.change);
    }
    json.end_object();
}

void write_rung(JsonWriter& json, const business::RungFinding& rung) {
    json.begin_object().field("rung", business::to_string(rung.rung));
    json.field("state", business::to_string(rung.state));
    if (!rung.evidence.empty()) {
        json.field("evidence", safe_text(rung.evidence));
    }
    if (rung.took) {
        json.field("ms", static_cast<double>(rung.took->count()) / 1000.0);
    }
    json.end_object();
}

}  // namespace

void write_explanation(JsonWriter& json, const business::ExplainAnswer& answer) {
    write_verdict(json.key("verdict"), answer.explanation.verdict);
    json.key("ladder").begin_array();
    for (const business::RungFinding& rung : answer.explanation.ladder) {
        write_rung(json, rung);
    }
    json.end_array().key("tried").begin_array();
    for (const business::NameTried& name : answer.tried) {
        json.begin_object().field("service", safe_text(name.service));
        json.field("traces", name.traces.value_or(0));
        json.field("ofWorkload", name.of_subject.value_or(0)).end_object();
    }
    json.end_array().field("calls", answer.calls);
}

}  // namespace meshscope::handlers
