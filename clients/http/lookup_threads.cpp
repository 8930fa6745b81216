#include "clients/http/lookup_threads.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

namespace meshscope::clients {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kMaxThreads = 16;
constexpr std::chrono::seconds kIdleTime{30};

// Threads that come when there is work and go when there has been none for a while.
class LookupThreads {
 public:
    // Never destroyed: its threads may outlive main().
    static LookupThreads& instance() {
        static auto* const kInstance = new LookupThreads;
        return *kInstance;
    }

    // False when there is no thread for it and none can be made.
    bool run(std::function<void()> work) {
        const std::scoped_lock lock(mutex_);
        work_.push_back(std::move(work));
        if (work_.size() > idle_ && threads_ < kMaxThreads) {
            try {
                std::thread([this] { serve(); }).detach();
                ++threads_;
            } catch (const std::system_error&) {
                if (threads_ == 0) {
                    work_.pop_back();
                    return false;
                }
            }
        }
        wake_.notify_one();
        return true;
    }

 private:
    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            ++idle_;
            const bool some = wake_.wait_for(lock, kIdleTime, [this] { return !work_.empty(); });
            --idle_;
            if (!some) {
                --threads_;
                return;
            }
            std::function<void()> work = std::move(work_.front());
            work_.pop_front();
            lock.unlock();
            work();
            work = nullptr;
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> work_;
    std::size_t threads_ = 0;
    std::size_t idle_ = 0;
};

// One look-up. The thread that looks up touches the io_context only under the mutex and before it
// is over; the io_context's end makes it over. Its answer is handed over only when that thread has
// let go: who has it may end the io_context at once.
class Pending : public std::enable_shared_from_this<Pending> {
 public:
    Pending(Executor executor, std::function<void(Resolved)> done)
        : executor_(executor), work_(executor), done_(std::move(done)) {}

    bool is_over() {
        const std::scoped_lock lock(mutex_);
        return over_;
    }
    void found(Resolved resolved);  // from any thread
    // On the io_context's thread, or when it ends. False when it was over already.
    bool abandon();

 private:
    void deliver(Resolved resolved);

    Executor executor_;
    std::mutex mutex_;
    bool over_ = false;
    std::optional<asio::executor_work_guard<Executor>> work_;
    std::function<void(Resolved)> done_;
};

// The look-ups of one io_context that it has to forget when it ends. Used on its thread.
class PendingLookups final : public asio::execution_context::service {
 public:
    using key_type = PendingLookups;
    inline static asio::execution_context::id id;

    explicit PendingLookups(asio::execution_context& owner) : service(owner) {}
    static PendingLookups& of(Executor executor) {
        return asio::use_service<PendingLookups>(
            static_cast<asio::execution_context&>(executor.context())
        );
    }
    void add(const std::shared_ptr<Pending>& pending) { open_.insert(pending); }
    void forget(const std::shared_ptr<Pending>& pending) { open_.erase(pending); }

 private:
    void shutdown() override {
        const auto all = std::move(open_);
        open_.clear();
        for (const auto& pending : all) {
            pending->abandon();
        }
    }

    std::unordered_set<std::shared_ptr<Pending>> open_;
};

void Pending::found(Resolved resolved) {
    const std::scoped_lock lock(mutex_);
    if (over_) {
        return;
    }
    over_ = true;
    auto deliver = [self = shared_from_this(), resolved = std::move(resolved)]() mutable {
        self->deliver(std::move(resolved));
    };
    asio::post(executor_, std::move(deliver));
    work_.reset();
}

void Pending::deliver(Resolved resolved) {
    std::function<void(Resolved)> done;
    {
        const std::scoped_lock lock(mutex_);  // found() is still leaving the io_context
        done = std::exchange(done_, nullptr);
    }
    PendingLookups::of(executor_).forget(shared_from_this());
    if (done) {
        done(std::move(resolved));
    }
}

bool Pending::abandon() {
    std::function<void(Resolved)> done;
    const std::scoped_lock lock(mutex_);
    work_.reset();
    done = std::exchange(done_, nullptr);
    return !std::exchange(over_, true);
}

}  // namespace

Lookup threaded_lookup(BlockingLookup blocking) {
    return [blocking = std::move(blocking
            )](Executor executor,
               const std::string& host,
               std::uint16_t port,
               std::function<void(Resolved)> done) -> std::function<void()> {
        const auto pending = std::make_shared<Pending>(executor, std::move(done));
        PendingLookups::of(executor).add(pending);
        const bool started = LookupThreads::instance().run([pending, blocking, host, port] {
            if (!pending->is_over()) {
                pending->found(blocking(host, port));
            }
        });
        if (!started) {
            Resolved none;
            none.error = asio::error::no_buffer_space;
            pending->found(std::move(none));
        }
        return [pending, executor] {
            if (pending->abandon()) {  // otherwise deliver() forgets it, or the io_context is gone
                PendingLookups::of(executor).forget(pending);
            }
        };
    };
}

}  // namespace meshscope::clients
