#include "demo/metrics/block_writer.hpp"

#include "core/json_writer.hpp"
#include "demo/mesh/random.hpp"
#include "demo/metrics/wire.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>

namespace meshscope::demo {
namespace {

constexpr std::uint32_t kChunksMagic = 0x85BD40DD;
constexpr char kXorEncoding = 1;

// 48 bits of time and 80 bits that tell apart, in Crockford's base 32.
std::string block_id(std::int64_t time_ms, std::uint64_t name) {
    constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string out(26, '0');
    auto time = static_cast<std::uint64_t>(time_ms);
    for (std::size_t i = 10; i-- > 0; time >>= 5U) {
        out[i] = kDigits[time & 31U];
    }
    std::uint64_t bits = name;
    for (std::size_t i = 10; i < out.size(); ++i) {
        bits = mix(bits, i);
        out[i] = kDigits[bits & 31U];
    }
    return out;
}

Result<> write_file(const std::filesystem::path& path, std::string_view content) {
    std::ofstream file(path, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) {
        return Error(ErrorKind::kUnavailable, "cannot write " + path.string());
    }
    return {};
}

}  // namespace

BlockWriter::Symbol BlockWriter::intern(std::string_view text) {
    auto at = symbols_.find(text);
    if (at == symbols_.end()) {
        at = symbols_.emplace(std::string(text), static_cast<Symbol>(texts_.size())).first;
        texts_.push_back(at->first);
    }
    return at->second;
}

BlockWriter::SeriesRef BlockWriter::add_series(std::span<const Label> labels) {
    Series& series = series_.emplace_back();
    series.labels.reserve(labels.size());
    for (const auto& [name, value] : labels) {
        const Symbol key = intern(name);
        series.labels.emplace_back(key, intern(value));
    }
    return static_cast<SeriesRef>(series_.size() - 1);
}

void BlockWriter::append(SeriesRef series, std::int64_t time_ms, double value) {
    first_ms_ = samples_ == 0 ? time_ms : std::min(first_ms_, time_ms);
    last_ms_ = samples_ == 0 ? time_ms : std::max(last_ms_, time_ms);
    ++samples_;
    Series& to = series_[series];
    to.open.append(time_ms, value);
    if (to.open.full()) {
        close_chunk(to);
    }
}

void BlockWriter::close_chunk(Series& series) {
    const std::int64_t first = series.open.first_ms();
    const std::int64_t last = series.open.last_ms();
    series.chunks.push_back({first, last, series.open.take()});
}

Result<> BlockWriter::write(const std::filesystem::path& data, std::uint64_t name) {
    if (samples_ == 0) {
        return {};
    }
    for (Series& series : series_) {
        if (series.open.samples() > 0) {
            close_chunk(series);
        }
    }
    std::erase_if(series_, [](const Series& series) { return series.chunks.empty(); });

    std::vector<std::uint32_t> order(series_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        const auto text = [this](const auto& one, const auto& other) {
            return std::pair(texts_[one.first], texts_[one.second]) <
                   std::pair(texts_[other.first], texts_[other.second]);
        };
        const auto& left = series_[a].labels;
        const auto& right = series_[b].labels;
        return std::lexicographical_compare(
            left.begin(), left.end(), right.begin(), right.end(), text
        );
    });

    const std::string id = block_id(last_ms_, name);
    const std::filesystem::path folder = data / id;
    std::error_code failed;
    std::filesystem::create_directories(folder / "chunks", failed);
    if (const Result<> done = write_file(folder / "chunks" / "000001", lay_out_chunks(order));
        !done) {
        return done;
    }
    if (const Result<> done = write_file(folder / "index", lay_out_index(order)); !done) {
        return done;
    }
    return write_file(folder / "meta.json", describe(id));
}

std::string BlockWriter::lay_out_chunks(std::span<const std::uint32_t> order) {
    std::string out;
    put_u32(out, kChunksMagic);
    out.append({'\x01', '\0', '\0', '\0'});
    for (const std::uint32_t i : order) {
        for (Chunk& chunk : series_[i].chunks) {
            chunk.place = out.size();
            put_varint(out, chunk.bytes.size());
            const std::size_t start = out.size();
            out.push_back(kXorEncoding);
            out += chunk.bytes;
            put_u32(out, checksum_of(std::string_view(out).substr(start)));
            chunk.bytes = {};
            ++chunks_;
        }
    }
    return out;
}

std::string BlockWriter::describe(const std::string& id) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("ulid", id);
    json.field("minTime", first_ms_).field("maxTime", last_ms_ + 1);
    json.key("stats").begin_object();
    json.field("numSamples", samples_).field("numSeries", series_.size());
    json.field("numChunks", chunks_).end_object();
    json.key("compaction").begin_object().field("level", 1);
    json.key("sources").begin_array().string(id).end_array().end_object();
    json.field("version", 1).end_object();
    return out;
}

}  // namespace meshscope::demo
