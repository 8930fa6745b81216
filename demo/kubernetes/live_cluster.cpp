#include "demo/kubernetes/live_cluster.hpp"

#include "demo/mesh/random.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::demo {
namespace {

constexpr std::string_view kNs = "bookinfo";
constexpr std::string_view kReplicated = "productpage-v1";

PodTemplate load_template(const std::string& job) {
    PodTemplate out;
    out.container = "loadtest";
    out.image = "docker.io/fortio/fortio:1.69.5";
    out.once = true;
    out.labels = {{"app", "loadtest"}};
    if (!job.empty()) {
        out.labels.emplace_back("batch.kubernetes.io/job-name", job);
    }
    return out;
}

CronJobPlan cron_plan(SystemTime created, SystemTime last) {
    CronJobPlan out;
    out.ns = kNs;
    out.name = "loadtest";
    out.what = load_template("");
    out.created = created;
    out.last = last;
    return out;
}

JobPlan job_plan(std::int64_t round, SystemTime created) {
    JobPlan out;
    out.ns = kNs;
    out.name = "loadtest-" + std::to_string(29'000'000 + round);
    out.owner = ClusterObjects::owner(resource_named("batch", "cronjobs"), out.ns, "loadtest");
    out.what = load_template(out.name);
    out.created = created;
    return out;
}

PodPlan job_pod(const JobPlan& job, std::int64_t round) {
    PodPlan out;
    out.ns = job.ns;
    out.name = job.name + "-" + generated_suffix(hash_of(job.name), 5);
    out.generate_name = job.name + "-";
    out.owner = ClusterObjects::owner(resource_named("batch", "jobs"), job.ns, job.name);
    out.what = job.what;
    out.created = job.created;
    out.node = "demo-node-3";
    // Few addresses, so that pods of different times have had the same one.
    out.ip = "10.244.201." + std::to_string(round % 3 + 1);
    return out;
}

}  // namespace

LiveCluster::LiveCluster(
    const EventStream& stream, const Clock& clock, std::function<std::int64_t()> micros
)
    : objects_(stream), clock_(clock), store_(std::move(micros)) {
    for (Object& object : objects_.everything()) {
        store_.put(std::move(object));
    }
    // A round that has ended, so that there is a job from the beginning.
    const SystemTime before = stream.start() - kStep * kStepsOfARound;
    put(make_cron_job(cron_plan(objects_.created(), before)));
    for (const std::int64_t phase : {0, 1, 7}) {
        job_step(-1, phase, before + kStep * phase);
    }
    store_.forget_changes();
}

void LiveCluster::forget_changes() {
    const std::scoped_lock lock(mutex_);
    store_.forget_changes();
}

void LiveCluster::catch_up() {
    const std::int64_t due = (clock_.now() - objects_.stream().start()) / kStep;
    while (steps_ < due) {
        step(steps_++);
    }
}

void LiveCluster::step(std::int64_t number) {
    const std::int64_t round = number / kStepsOfARound;
    const std::int64_t phase = number % kStepsOfARound;
    const SystemTime at = objects_.stream().start() + kStep * number;
    job_step(round, phase, at);
    debug_step(phase, at);
    second_replica_step(round, phase, at);
}

void LiveCluster::job_step(std::int64_t round, std::int64_t phase, SystemTime at) {
    if (phase == 11) {
        const JobPlan old = job_plan(round - 1, at);
        store_.remove(resource_named("", "pods"), old.ns, job_pod(old, round - 1).name);
        store_.remove(resource_named("batch", "jobs"), old.ns, old.name);
        return;
    }
    if (phase != 0 && phase != 1 && phase != 7) {
        return;
    }
    JobPlan job = job_plan(round, at - kStep * phase);
    PodPlan pod = job_pod(job, round);
    CronJobPlan cron = cron_plan(objects_.created(), job.created);
    if (phase == 7) {
        job.done = pod.ended = at;
        pod.stage = PodStage::kDone;
    } else {
        cron.active = ClusterObjects::owner(resource_named("batch", "jobs"), job.ns, job.name);
        pod.stage = phase == 0 ? PodStage::kCreating : PodStage::kRunning;
    }
    if (phase == 0) {
        pod.ip.clear();
    }
    if (phase != 1) {
        put(make_job(job));
        put(make_cron_job(cron));
    }
    put(make_pod(pod));
}

void LiveCluster::debug_step(std::int64_t phase, SystemTime at) {
    PodPlan pod;
    pod.ns = kNs;
    pod.name = "debug";
    pod.what = {"shell", "docker.io/library/debian:12"};
    pod.node = "demo-node-1";
    pod.ip = "10.244.202.1";
    pod.created = at - kStep * (phase - 2);
    if (phase == 8) {
        pod.deleting = at;
    }
    if (phase == 2 || phase == 8) {
        put(make_pod(pod));
    } else if (phase == 9) {
        store_.remove(resource_named("", "pods"), pod.ns, pod.name);
    }
}

void LiveCluster::second_replica_step(std::int64_t round, std::int64_t phase, SystemTime at) {
    if (phase != 3 && phase != 4 && phase != 9 && phase != 10) {
        return;
    }
    const Topology& topology = objects_.stream().topology();
    const WorkloadIndex index = topology.named(kReplicated);
    const Workload& workload = topology[index];
    const std::string set = workload.name + "-" + revision_of(workload).hash;
    std::vector<PodPlan>& pods = pods_of(workload);
    if (phase == 3) {
        PodPlan second = pods.front();
        second.name =
            set + "-" + generated_suffix(mix(hash_of(set), static_cast<std::uint64_t>(round)), 5);
        second.created = at;
        second.stage = PodStage::kCreating;
        second.ip = "10.244.203." + std::to_string(round % 5 + 1);
        second.node = "demo-node-3";
        second.workload.reset();
        pods.push_back(std::move(second));
    } else if (pods.size() < 2) {
        return;  // a rollout has replaced it
    }
    PodPlan& second = pods.back();
    if (phase == 4) {
        second.stage = PodStage::kRunning;
    } else if (phase == 9) {
        second.deleting = at;
    } else if (phase == 10) {
        drop_pod(PodPlan(second));
        pods.pop_back();
        refresh_controllers(workload);
        return;
    }
    put_pod(second);
    refresh_controllers(workload);
    refresh_endpoints(workload);
}

Result<> LiveCluster::roll_out(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    catch_up();
    const auto workloads = objects_.stream().topology().workloads();
    const auto found =
        std::find_if(workloads.begin(), workloads.end(), [&](const Workload& workload) {
            return workload.name == name;
        });
    if (found == workloads.end()) {
        return Error(ErrorKind::kNotFound, "there is no workload " + name);
    }
    Revision& revision = revision_of(*found);
    ControllerPlan old = objects_.replica_set_of(*found, revision.hash);
    old.wanted = old.current = old.ready = 0;
    ++revision.generation;
    const auto key = mix(hash_of(name), static_cast<std::uint64_t>(revision.generation));
    revision.hash = generated_suffix(key, 9);

    std::vector<PodPlan>& pods = pods_of(*found);
    PodPlan next;
    std::erase_if(pods, [&](const PodPlan& pod) {
        const bool own = pod.owner && pod.owner->name == old.name;
        if (own) {
            next = pod;
            drop_pod(pod);
        }
        return own;
    });
    next.generate_name = name + "-" + revision.hash + "-";
    next.name = next.generate_name + generated_suffix(mix(key, 5), 5);
    next.owner = ClusterObjects::owner(*old.resource, found->ns, name + "-" + revision.hash);
    next.what = objects_.replica_set_of(*found, revision.hash).what;
    next.created = clock_.now();
    next.stage = PodStage::kRunning;
    next.deleting.reset();
    next.ip = "10.244.204." + std::to_string(key % 250 + 1);
    next.restarted = false;
    next.workload = static_cast<WorkloadIndex>(std::distance(workloads.begin(), found));
    pods.push_back(next);
    put(make_controller(old));
    put_pod(next);
    refresh_controllers(*found);
    refresh_endpoints(*found);
    return {};
}

LiveCluster::Revision& LiveCluster::revision_of(const Workload& workload) {
    return revisions_.try_emplace(workload.name, Revision{ClusterObjects::first_hash(workload)})
        .first->second;
}

std::vector<PodPlan>& LiveCluster::pods_of(const Workload& workload) {
    const auto [at, added] = pods_.try_emplace({workload.ns, workload.app});
    if (added) {
        at->second = objects_.pods_of(workload.ns, workload.app);
    }
    return at->second;
}

void LiveCluster::refresh_controllers(const Workload& workload) {
    const Revision& revision = revision_of(workload);
    ControllerPlan set = objects_.replica_set_of(workload, revision.hash);
    ControllerPlan deployment = objects_.deployment_of(workload);
    set.wanted = set.current = set.ready = 0;
    for (const PodPlan& pod : pods_of(workload)) {
        if (pod.owner && pod.owner->name == set.name) {
            set.wanted += pod.deleting ? 0 : 1;
            set.current += 1;
            set.ready += pod.stage == PodStage::kRunning && !pod.deleting ? 1 : 0;
        }
    }
    deployment.wanted = set.wanted;
    deployment.current = set.current;
    deployment.ready = set.ready;
    deployment.generation = revision.generation;
    deployment.annotations = {
        {"deployment.kubernetes.io/revision", std::to_string(revision.generation)}
    };
    put(make_controller(set));
    put(make_controller(deployment));
}

void LiveCluster::refresh_endpoints(const Workload& workload) {
    std::vector<const PodPlan*> members;
    for (const PodPlan& pod : pods_of(workload)) {
        members.push_back(&pod);
    }
    put(make_endpoints(objects_.service_of(workload), members));
}

void LiveCluster::put(Object object) {
    mark(object, objects_.stream().scenario());
    store_.put(std::move(object));
}

void LiveCluster::put_pod(const PodPlan& pod) { put(make_pod(pod)); }

void LiveCluster::drop_pod(const PodPlan& pod) {
    store_.remove(resource_named("", "pods"), pod.ns, pod.name);
}

}  // namespace meshscope::demo
