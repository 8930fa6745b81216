#include "business/log_follow.hpp"

#include "business/log_lines.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace meshscope::business {
namespace {

using State = SourceState::State;

constexpr std::size_t kAllPlaces = std::numeric_limits<std::size_t>::max();

SteadyTime real_now() { return std::chrono::steady_clock::now(); }

// Whether the time of one stream was over: before a first byte came (of a silent container there
// may be no answer until then), while the sink waited for room (it refuses for nothing else), or
// later.
bool is_renewal(const Result<clients::LogEnd>& end) {
    using Why = clients::LogEnd::Why;
    if (!end) {
        return end.error().kind() == ErrorKind::kDeadline;
    }
    return end->why == Why::kTime || end->why == Why::kUnwanted;
}

bool holds(const LogPlaces& places, const LogPlace& place) {
    return std::ranges::any_of(places.places, [&](const LogPlace& one) {
        return one.pod == place.pod && one.container == place.container;
    });
}

}  // namespace

struct LogFollow::Source {
    std::uint32_t index = 0;
    SourceState state;
    LogPosition position;
    std::string revision;  // of the pod in the snapshot
    bool present = true;   // the snapshot has it
    bool ended = false;    // nothing reads it any more
    std::optional<SteadyTime> open_since;
    std::chrono::milliseconds pause{0};
    Pulse retry;
};

// Takes what one stream brings.
class LogFollow::Sink final : public clients::LogSink {
 public:
    Sink(LogFollow& follow, SourcePtr source)
        : follow_(follow),
          source_(std::move(source)),
          reader_(
              {source_->index, source_->state.place.kind},
              *follow.parts_.parser,
              follow.parts_.masker,
              follow.parts_.line_bytes
          ),
          after_(source_->position) {}

    Awaitable<bool> take(std::string bytes) override {
        bool wanted = !co_await is_cancelled();
        if (wanted && follow_.queue_.full()) {
            wanted = co_await follow_.make_room();
        }
        if (wanted) {
            std::vector<models::LogLine> lines;
            reader_.feed(bytes, lines, follow_.queue_.texts());
            keep(std::move(lines), bytes.size());
        }
        co_return wanted;
    }
    void finish() {
        std::vector<models::LogLine> lines;
        reader_.finish(lines, follow_.queue_.texts());
        keep(std::move(lines), 0);
    }

 private:
    void keep(std::vector<models::LogLine> lines, std::size_t bytes) {
        const auto unwanted = [this](const models::LogLine& line) {
            if (!after_.is_new(line.stamped_ns)) {
                return true;
            }
            source_->position.add(line.stamped_ns);
            fresh_ = true;
            return !follow_.query_.filter.passes(line);
        };
        std::erase_if(lines, unwanted);
        if (follow_.spans_) {
            std::ranges::for_each(lines, [this](const auto& line) { follow_.spans_->note(line); });
        }
        if (std::exchange(fresh_, false)) {
            source_->pause = std::chrono::milliseconds(0);
            follow_.change(*source_, State::kOk, "");
        }
        source_->state.lines += lines.size();
        follow_.queue_.add(std::move(lines), bytes);
        if (!follow_.queue_.empty()) {
            follow_.news_.notify();
        }
    }

    LogFollow& follow_;
    SourcePtr source_;
    LineReader reader_;
    LinesAfter after_;
    bool fresh_ = false;
};

LogFollow::LogFollow(
    Parts parts,
    RequestContext context,
    FollowQuery query,
    const std::vector<SourceState>& known,
    const ResumePoint& read
)
    : parts_(std::move(parts)),
      context_(std::move(context)),
      query_(std::move(query)),
      queue_(parts_.bounds.queue) {
    if (parts_.search) {
        spans_.emplace(parts_.search, *parts_.clock, parts_.bounds.spans);
    }
    const models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    const models::Workload* workload = snapshot->find_workload(query_.ns, query_.workload);
    LogPlaces newest;
    if (workload != nullptr && known.size() > parts_.bounds.sources) {
        newest = places_of(*workload, query_.containers, parts_.bounds.sources);
    }
    for (const SourceState& state : known) {
        const bool chosen = newest.places.empty() || holds(newest, state.place);
        if (chosen && sources_.size() < parts_.bounds.sources) {
            add(state, read.of(state.place.pod, state.place.container), "");
        }
    }
}

LogFollow::~LogFollow() = default;

const LogPlace& LogFollow::place(std::uint32_t source) const {
    return sources_[source]->state.place;
}

std::vector<SourceState> LogFollow::followed() const {
    std::vector<SourceState> states;
    for (const SourcePtr& source : sources_) {
        if (source && !source->ended) {
            states.push_back(source->state);
        }
    }
    return states;
}

// Its stream begins at once when others run already.
void LogFollow::add(SourceState state, LogPosition position, std::string revision) {
    const auto source = std::make_shared<Source>();
    source->state = std::move(state);
    source->position = position;
    source->revision = std::move(revision);
    const auto free = std::find(sources_.begin(), sources_.end(), nullptr);
    source->index = static_cast<std::uint32_t>(free - sources_.begin());
    if (free == sources_.end()) {
        sources_.push_back(source);
    } else {
        *free = source;
    }
    changed_.push_back(source->state);
    if (group_) {
        group_->spawn("log", [this, source] { return read(source); });
    }
}

void LogFollow::start(Executor executor) {
    const auto on_exception = [this](const std::string& /*task*/, std::exception_ptr thrown) {
        thrown_ = std::move(thrown);
        news_.notify();
    };
    group_ = std::make_unique<TaskGroup>(executor, on_exception);
    for (const SourcePtr& source : sources_) {
        group_->spawn("log", [this, source] { return read(source); });
    }
    if (spans_) {
        group_->spawn("spans", [this] {
            return spans_->run([this] { return context_; }, [this] { news_.notify(); });
        });
    }
}

void LogFollow::note(const std::vector<LogEntry>& entries, const std::vector<TraceView>& traces) {
    if (spans_) {
        spans_->note(entries, traces);
    }
}

void LogFollow::change(Source& source, State state, std::string reason) {
    const bool quiet = state == State::kOk && source.state.state == State::kEmpty;
    if (quiet) {
        source.state.state = state;
    }
    if (source.state.state == state && source.state.reason == reason) {
        return;
    }
    source.state.state = state;
    source.state.reason = std::move(reason);
    std::erase_if(changed_, [&](const SourceState& one) {
        return one.place.pod == source.state.place.pod &&
               one.place.container == source.state.place.container;
    });
    changed_.push_back(source.state);
    news_.notify();
}

// Places are given anew only here, when nobody looks at the lines of before.
void LogFollow::forget_ended() {
    for (SourcePtr& source : sources_) {
        if (source && source->ended && queue_.empty()) {
            source = nullptr;
        }
    }
}

// Marks those that are there still, and adds of the newest as many as there is room for.
void LogFollow::look_at(const models::Workload& workload) {
    std::map<std::string_view, std::string_view> revisions;
    for (const models::PodPtr& pod : workload.pods) {
        revisions.emplace(pod->meta.name, pod->meta.resource_version);
    }
    using Name = std::pair<std::string_view, std::string_view>;
    std::map<Name, Source*> followed;
    for (const SourcePtr& source : sources_) {
        if (source && !source->ended) {
            source->present = false;
            const LogPlace& place = source->state.place;
            followed.emplace(Name(place.pod, place.container), source.get());
        }
    }
    const LogPlaces all = places_of(workload, query_.containers, kAllPlaces);
    for (const LogPlace& place : all.places) {
        const auto known = followed.find(Name(place.pod, place.container));
        if (known != followed.end()) {
            is_there(*known->second, revisions[place.pod]);
        }
    }
    std::size_t count = followed.size();
    LogPlaces newest = places_of(workload, query_.containers, parts_.bounds.sources);
    for (LogPlace& place : newest.places) {
        if (followed.contains(Name(place.pod, place.container))) {
            continue;
        }
        if (count++ >= parts_.bounds.sources) {
            seen_ = nullptr;  // there may be room at the next look
            break;
        }
        std::string revision(revisions[place.pod]);
        SourceState state;
        state.place = std::move(place);
        add(std::move(state), LogPosition(), std::move(revision));
    }
}

void LogFollow::is_there(Source& source, std::string_view revision) {
    source.present = true;
    if (source.revision != revision) {
        source.pause = std::chrono::milliseconds(0);
        source.revision = revision;
        source.retry.notify();
    }
}

// What was said to have failed and yet sends on, if only silence.
void LogFollow::prove_open(SteadyTime now) {
    for (const SourcePtr& source : sources_) {
        if (source && source->open_since && now - *source->open_since >= parts_.bounds.proven &&
            source->state.state != State::kEmpty) {
            change(*source, State::kOk, "");
        }
    }
}

void LogFollow::look_around(SteadyTime now) {
    look_at_ = now + parts_.bounds.look_around;
    prove_open(now);
    models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    if (snapshot == seen_) {
        return;
    }
    seen_ = snapshot;
    const models::Workload* workload = snapshot->find_workload(query_.ns, query_.workload);
    workload_gone_ = workload == nullptr;
    if (workload != nullptr) {
        look_at(*workload);
    }
    for (const SourcePtr& source : sources_) {
        if (source && (workload_gone_ || !source->present)) {
            source->present = false;
            source->retry.notify();
        }
    }
}

bool LogFollow::has_news() const {
    return !queue_.empty() || !changed_.empty() || (spans_ && !spans_->empty());
}

Awaitable<LogFollow::Batch> LogFollow::next(SteadyTime at) {
    if (!group_) {
        start(co_await boost::asio::this_coro::executor);
    }
    forget_ended();
    Batch batch;
    bool cancelled = co_await is_cancelled();
    while (!cancelled) {
        if (thrown_) {
            std::rethrow_exception(thrown_);
        }
        const SteadyTime now = real_now();
        if (now >= look_at_) {
            look_around(now);
        }
        const bool all_ended = std::ranges::all_of(sources_, [](const SourcePtr& source) {
            return !source || source->ended;
        });
        batch.over = workload_gone_ && all_ended && queue_.empty();
        if (has_news() || batch.over || now >= at) {
            break;
        }
        co_await news_.wait(std::min(at, look_at_));
        cancelled = co_await is_cancelled();
    }
    const SteadyTime gathered = real_now() + parts_.bounds.gather;
    while (!cancelled && !queue_.empty() && !queue_.full() && real_now() < gathered) {
        co_await news_.wait(gathered);
        cancelled = co_await is_cancelled();
    }
    LogFollowQueue::Taken taken = queue_.take();
    batch.lines = std::move(taken.lines);
    batch.texts = std::move(taken.texts);
    batch.dropped = taken.dropped;
    batch.changed = std::exchange(changed_, {});
    if (spans_) {
        batch.spans = spans_->take();
    }
    batch.resume = resume();
    room_.notify();
    co_return batch;
}

std::string LogFollow::resume() const {
    ResumePoint point;
    for (const SourcePtr& source : sources_) {
        if (source) {
            point.set(source->state.place.pod, source->state.place.container, source->position);
        }
    }
    return point.text();
}

Awaitable<bool> LogFollow::make_room() {
    const SteadyTime patience = real_now() + parts_.bounds.patience;
    while (queue_.full()) {
        if (co_await is_cancelled()) {
            co_return false;
        }
        if (real_now() >= patience) {
            queue_.drop_older_half();
        } else {
            co_await room_.wait(patience);
        }
    }
    co_return !co_await is_cancelled();
}

clients::LogQuery LogFollow::query_of(const Source& source) const {
    clients::LogQuery query;
    query.ns = source.state.place.ns;
    query.pod = source.state.place.pod;
    query.container = source.state.place.container;
    query.follow = true;
    if (source.position.stamp_ns >= 0) {
        query.since = SystemTime(std::chrono::floor<std::chrono::microseconds>(
            std::chrono::nanoseconds(source.position.stamp_ns)
        ));
    } else {
        query.since = query_.since;
        query.tail_lines = query_.tail;
    }
    return query;
}

void LogFollow::stream_ended(Source& source, const Result<clients::LogEnd>& end) {
    if (is_renewal(end)) {
        return;
    }
    if (end && end->why == clients::LogEnd::Why::kEnd) {
        change(source, State::kEnded, "");
        return;
    }
    RawLog raw;
    raw.error = end ? end->reason.value_or(
                          Error(ErrorKind::kUpstreamUnavailable, "the stream of the log broke off")
                      )
                    : end.error();
    const SourceState described = describe_source(source.state.place, raw);
    change(source, described.state, described.reason);
}

Awaitable<> LogFollow::read(SourcePtr source) {
    const FollowBounds& bounds = parts_.bounds;
    while (!co_await is_cancelled()) {
        RequestContext context = context_;
        context.deadline = Deadline::after(parts_.clock->steady_now(), bounds.renewal);
        const auto sink = std::make_shared<Sink>(*this, source);
        clients::LogQuery query = query_of(*source);
        const SteadyTime begun = real_now();
        source->open_since = begun;
        const Result<clients::LogEnd> end =
            co_await parts_.cluster->read_log(std::move(context), std::move(query), sink);
        source->open_since.reset();
        if (co_await is_cancelled()) {
            co_return;
        }
        if (end && end->why == clients::LogEnd::Why::kEnd) {
            sink->finish();  // half a line of a stream that broke off is read again
        }
        stream_ended(*source, end);
        const bool renewed = is_renewal(end) && real_now() - begun >= bounds.first_pause;
        if (source->present && !renewed) {
            source->pause = std::clamp(source->pause * 2, bounds.first_pause, bounds.longest_pause);
            co_await source->retry.wait(real_now() + source->pause);
        }
        if (!source->present) {
            break;
        }
    }
    source->ended = true;
    change(*source, State::kEnded, "the pod is gone");
    news_.notify();
}

Awaitable<> LogFollow::end() {
    if (!group_) {
        co_return;
    }
    group_->cancel();
    bool joined = false;
    while (!joined) {
        joined = co_await group_->join(Deadline::never());
    }
    group_.reset();
}

}  // namespace meshscope::business
