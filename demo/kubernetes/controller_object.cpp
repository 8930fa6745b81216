#include "demo/kubernetes/make_objects.hpp"
#include "demo/mesh/time_text.hpp"

namespace meshscope::demo {
namespace {

void write_template(JsonWriter& json, const PodTemplate& what) {
    json.key("template").begin_object().key("metadata").begin_object();
    write_labels(json, "labels", what.labels);
    write_labels(json, "annotations", what.annotations);
    json.end_object().key("spec");
    write_pod_spec(json, what, "");
    json.end_object();
}

bool is_daemon_set(const ControllerPlan& plan) { return plan.resource->kind == "DaemonSet"; }

void write_selector(JsonWriter& json, const ControllerPlan& plan) {
    if (plan.resource->kind == "ReplicationController") {
        write_labels(json, "selector", plan.selector);
        return;
    }
    json.key("selector").begin_object();
    write_labels(json, "matchLabels", plan.selector);
    json.end_object();
}

void write_status(JsonWriter& json, const ControllerPlan& plan) {
    json.key("status").begin_object().field("observedGeneration", plan.generation);
    if (is_daemon_set(plan)) {
        json.field("desiredNumberScheduled", plan.wanted);
        json.field("currentNumberScheduled", plan.current).field("numberMisscheduled", 0);
        json.field("numberReady", plan.ready).field("updatedNumberScheduled", plan.current);
        json.field("numberAvailable", plan.ready).end_object();
        return;
    }
    json.field("replicas", plan.current);
    if (plan.resource->kind == "Deployment" || plan.resource->kind == "StatefulSet") {
        json.field("updatedReplicas", plan.current);
    } else {
        json.field("fullyLabeledReplicas", plan.current);
    }
    // Kubernetes leaves these out at zero.
    if (plan.ready > 0) {
        json.field("readyReplicas", plan.ready).field("availableReplicas", plan.ready);
    }
    if (plan.resource->kind == "Deployment") {
        json.key("conditions").begin_array().begin_object();
        json.field("type", "Available");
        json.field("status", plan.ready >= plan.wanted ? "True" : "False");
        json.field("lastUpdateTime", rfc3339(plan.created));
        json.field("reason", "MinimumReplicasAvailable").end_object().end_array();
    }
    json.end_object();
}

std::string selector_text(const Labels& selector) {
    std::string out;
    for (const auto& [key, value] : selector) {
        out += out.empty() ? "" : ",";
        out += key;
        out += '=';
        out += value;
    }
    return out.empty() ? "<none>" : out;
}

std::vector<std::string> cells_of(const ControllerPlan& plan) {
    const std::string wanted = std::to_string(plan.wanted);
    const std::string current = std::to_string(plan.current);
    const std::string ready = std::to_string(plan.ready);
    if (plan.resource->kind == "Deployment") {
        return {
            ready + "/" + wanted,
            current,
            ready,
            plan.what.container,
            plan.what.image,
            selector_text(plan.selector)
        };
    }
    if (plan.resource->kind == "StatefulSet") {
        return {ready + "/" + wanted};
    }
    if (is_daemon_set(plan)) {
        return {wanted, current, ready, current, ready, "<none>"};
    }
    return {wanted, current, ready};
}

Object blank(
    const Resource& resource,
    const std::string& ns,
    const std::string& name,
    SystemTime created,
    std::int64_t generation
) {
    Object out;
    out.resource = &resource;
    out.ns = ns;
    out.name = name;
    out.uid = uid_of(resource, ns, name);
    out.created = created;
    out.generation = generation;
    return out;
}

}  // namespace

Object make_controller(const ControllerPlan& plan) {
    Object out = blank(*plan.resource, plan.ns, plan.name, plan.created, plan.generation);
    out.labels = plan.labels;
    out.annotations = plan.annotations;
    out.owner = plan.owner;
    out.cells = cells_of(plan);
    JsonWriter json(out.members);
    json.key("spec").begin_object();
    if (!is_daemon_set(plan)) {
        json.field("replicas", plan.wanted);
    }
    write_selector(json, plan);
    write_template(json, plan.what);
    if (plan.resource->kind == "Deployment") {
        json.field("revisionHistoryLimit", 10).field("progressDeadlineSeconds", 600);
    } else if (plan.resource->kind == "StatefulSet") {
        json.field("serviceName", plan.name);
    }
    json.end_object();
    write_status(json, plan);
    return out;
}

Object make_job(const JobPlan& plan) {
    Object out = blank(resource_named("batch", "jobs"), plan.ns, plan.name, plan.created, 1);
    out.labels = plan.what.labels;
    out.owner = plan.owner;
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(
        plan.done.value_or(plan.created) - plan.created
    );
    out.cells = {
        plan.done ? "Complete" : "Running",
        plan.done ? "1/1" : "0/1",
        plan.done ? std::to_string(took.count()) + "s" : ""
    };
    JsonWriter json(out.members);
    json.key("spec").begin_object();
    json.field("parallelism", 1).field("completions", 1).field("backoffLimit", 6);
    json.key("selector").begin_object();
    write_labels(json, "matchLabels", {{"batch.kubernetes.io/controller-uid", out.uid}});
    json.end_object();
    write_template(json, plan.what);
    json.end_object();
    json.key("status").begin_object().field("startTime", rfc3339(plan.created));
    if (plan.done) {
        json.field("completionTime", rfc3339(*plan.done)).field("succeeded", 1);
        json.key("conditions").begin_array().begin_object();
        json.field("type", "Complete").field("status", "True").end_object().end_array();
    } else {
        json.field("active", 1);
    }
    json.end_object();
    return out;
}

Object make_cron_job(const CronJobPlan& plan) {
    Object out = blank(resource_named("batch", "cronjobs"), plan.ns, plan.name, plan.created, 1);
    out.labels = plan.what.labels;
    out.cells = {"* * * * *", "<none>", "False", plan.active ? "1" : "0", rfc3339(plan.last)};
    JsonWriter json(out.members);
    json.key("spec").begin_object();
    json.field("schedule", "* * * * *").field("concurrencyPolicy", "Forbid");
    json.field("suspend", false);
    json.key("jobTemplate").begin_object().key("spec").begin_object();
    write_template(json, plan.what);
    json.end_object().end_object().end_object();
    json.key("status").begin_object();
    if (plan.active) {
        json.key("active").begin_array().begin_object();
        json.field("kind", "Job").field("namespace", plan.ns);
        json.field("name", plan.active->name).field("uid", plan.active->uid);
        json.field("apiVersion", "batch/v1").end_object().end_array();
    }
    json.field("lastScheduleTime", rfc3339(plan.last)).end_object();
    return out;
}

}  // namespace meshscope::demo
