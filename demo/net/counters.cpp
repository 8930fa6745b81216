#include "demo/net/counters.hpp"

#include "core/json_writer.hpp"

namespace meshscope::demo {

std::string Counters::to_json() const {
    const std::scoped_lock lock(mutex_);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const auto& [protocol, methods] : counts_) {
        json.key(protocol).begin_object();
        for (const auto& [method, count] : methods) {
            json.field(method, count);
        }
        json.end_object();
    }
    json.end_object();
    return out;
}

}  // namespace meshscope::demo
