#include "clients/jaeger/http_v1_query.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace meshscope::clients::jaeger {

namespace {

// Appends "?name=value" or "&name=value".
class Parameters {
 public:
    explicit Parameters(std::string& target) : target_(target) {}

    void add(std::string_view name, std::string_view value) {
        target_ += first_ ? '?' : '&';
        first_ = false;
        target_ += name;
        target_ += '=';
        target_ += percent_encode(value);
    }
    void add_unless_empty(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            add(name, value);
        }
    }
    void add_time(std::string_view name, SystemTime time) {
        add(name, std::to_string(to_micros(time)));
    }
    void add_duration(std::string_view name, std::chrono::microseconds duration) {
        if (duration.count() > 0) {
            add(name, std::to_string(duration.count()) + "us");
        }
    }

 private:
    std::string& target_;
    bool first_ = true;
};

std::string tags_json(const std::map<std::string, std::string>& tags) {
    if (tags.empty()) {
        return {};
    }
    std::string json;
    JsonWriter writer(json);
    writer.begin_object();
    for (const auto& [key, value] : tags) {
        writer.key(key).string(value);
    }
    writer.end_object();
    return json;
}

}  // namespace

std::string search_target(const TraceQuery& query) {
    std::string target = "/api/traces";
    Parameters parameters(target);
    parameters.add_time("end", query.window.end);
    parameters.add("limit", std::to_string(std::max<std::uint32_t>(1, query.limit)));
    parameters.add_duration("maxDuration", query.max_duration);
    parameters.add_duration("minDuration", query.min_duration);
    parameters.add_unless_empty("operation", query.operation);
    parameters.add_unless_empty("service", query.service);
    parameters.add_time("start", query.window.start);
    parameters.add_unless_empty("tags", tags_json(query.tags));
    return target;
}

std::string trace_target(TraceId id, const std::optional<TimeRange>& near) {
    std::string target = "/api/traces/" + id.to_hex();
    if (near) {
        Parameters parameters(target);
        parameters.add_time("end", near->end);
        parameters.add_time("start", near->start);
    }
    return target;
}

std::string operations_target(std::string_view service, std::string_view span_kind) {
    std::string target = "/api/operations";
    Parameters parameters(target);
    parameters.add("service", service);
    parameters.add_unless_empty("spanKind", span_kind);
    return target;
}

std::string service_operations_target(std::string_view service) {
    return "/api/services/" + percent_encode(service) + "/operations";
}

}  // namespace meshscope::clients::jaeger
