#pragma once

#include "core/result.hpp"
#include "demo/metrics/xor_chunk.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::demo {

using Label = std::pair<std::string_view, std::string_view>;

// Makes one block of Prometheus' database out of samples that come in the order of time, so that
// hours of history are there at once. Memory: what the block takes on disk.
class BlockWriter {
 public:
    using SeriesRef = std::uint32_t;

    // A series without samples. `labels` with the metric's name as "__name__", sorted by name, no
    // value empty; no two series have the same.
    SeriesRef add_series(std::span<const Label> labels);

    // Later than the last sample of that series.
    void append(SeriesRef series, std::int64_t time_ms, double value);

    [[nodiscard]] std::uint64_t samples() const { return samples_; }
    [[nodiscard]] std::size_t series() const { return series_.size(); }

    // Writes the block below `data`; nothing when there are no samples. Takes
    // what was collected. `name` tells blocks of one folder apart. kUnavailable names the file that
    // cannot be written.
    Result<> write(const std::filesystem::path& data, std::uint64_t name);

 private:
    using Symbol = std::uint32_t;

    struct Chunk {
        std::int64_t first_ms;
        std::int64_t last_ms;
        std::string bytes;
        std::uint64_t place = 0;  // in the file of chunks
    };
    struct Series {
        std::vector<std::pair<Symbol, Symbol>> labels;
        XorChunk open;
        std::vector<Chunk> chunks;
    };

    Symbol intern(std::string_view text);
    static void close_chunk(Series& series);
    static void list_chunks(std::string& out, const Series& series);
    std::string lay_out_chunks(std::span<const std::uint32_t> order);
    [[nodiscard]] std::string lay_out_index(std::span<const std::uint32_t> order) const;
    [[nodiscard]] std::string describe(const std::string& id) const;

    std::map<std::string, Symbol, std::less<>> symbols_;
    std::vector<std::string_view> texts_;  // by symbol; the map's keys stay where they are
    std::vector<Series> series_;
    std::uint64_t samples_ = 0;
    std::uint64_t chunks_ = 0;
    std::int64_t first_ms_ = 0;
    std::int64_t last_ms_ = 0;
};

}  // namespace meshscope::demo
