#include "async/worker_pool.hpp"

#include "tests/support/io_threads.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

using namespace meshscope;

namespace {

struct Where {
    std::thread::id worked;
    std::thread::id resumed;
};

Awaitable<Where> ask(WorkerPool& pool) {
    Where where;
    auto work = [] { return std::this_thread::get_id(); };
    where.worked = co_await pool.run(std::move(work));
    where.resumed = std::this_thread::get_id();
    co_return where;
}

Awaitable<std::string> ask_and_catch(WorkerPool& pool) {
    auto work = []() -> int { throw std::runtime_error("from the pool"); };
    std::string text;
    try {
        co_await pool.run(std::move(work));
    } catch (const std::runtime_error& error) {
        text = error.what();
    }
    co_return text;
}

// Remembers where it was destroyed.
struct Witness {
    explicit Witness(std::atomic<std::thread::id>& place) : place_(place) {}
    ~Witness() { place_ = std::this_thread::get_id(); }
    std::atomic<std::thread::id>& place_;
};

Awaitable<int> sum_of(WorkerPool& pool, std::shared_ptr<Witness> witness) {
    auto work = [witness = std::move(witness)] { return witness ? 7 : 0; };
    co_return co_await pool.run(std::move(work));
}

}  // namespace

TEST_CASE("work runs on the pool and the caller resumes on its own thread") {
    test::IoThread thread;
    WorkerPool pool(2);
    std::vector<std::future<Where>> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(thread.start<Where>(ask(pool)));
    }
    const auto own = [&] {
        auto id = []() -> Awaitable<std::thread::id> { co_return std::this_thread::get_id(); };
        return thread.start<std::thread::id>(id()).get();
    }();
    for (auto& one : all) {
        const Where where = one.get();
        CHECK(where.worked != own);
        CHECK(where.resumed == own);
    }
    pool.join();
}

TEST_CASE("what work throws is rethrown to the caller") {
    test::IoThread thread;
    WorkerPool pool(1);
    CHECK(thread.start<std::string>(ask_and_catch(pool)).get() == "from the pool");
    pool.join();
}

TEST_CASE("work is destroyed on the caller's thread") {
    std::atomic<std::thread::id> place;
    std::thread::id own;
    {
        test::IoThread thread;
        WorkerPool pool(1);
        auto id = []() -> Awaitable<std::thread::id> { co_return std::this_thread::get_id(); };
        own = thread.start<std::thread::id>(id()).get();
        for (int i = 0; i < 50; ++i) {
            auto work = sum_of(pool, std::make_shared<Witness>(place));
            CHECK(thread.start<int>(std::move(work)).get() == 7);
        }
        pool.join();
    }
    CHECK(place.load() == own);
}
