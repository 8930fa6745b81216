#include "async/pause.hpp"

#include "async/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <optional>

namespace meshscope {

TEST_CASE("a pause that begins after the stop does not wait") {
    boost::asio::io_context io;
    TaskGroup tasks(io.get_executor(), [](const std::string&, std::exception_ptr error) {
        std::rethrow_exception(error);
    });
    std::optional<bool> rested;
    tasks.cancel();
    tasks.spawn("pause", [&rested]() -> Awaitable<> {
        const bool whole = co_await pause_for(std::chrono::hours(1));
        rested = whole;
    });
    io.run_for(std::chrono::seconds(20));
    CHECK(tasks.size() == 0);
    CHECK(rested == false);
}

}  // namespace meshscope
