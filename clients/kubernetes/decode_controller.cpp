#include "clients/kubernetes/decode_parts.hpp"

#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

// The numbers of all kinds; absent ones are 0.
struct Numbers {
    std::int32_t wanted = 1;  // spec.replicas: absent means one
    std::int32_t replicas = 0;
    std::int32_t ready = 0;
    std::int32_t available = 0;
    std::int32_t scheduled_wanted = 0;
    std::int32_t scheduled = 0;
    std::int32_t number_available = 0;
    std::int32_t active = 0;
    std::int32_t succeeded = 0;
    std::int32_t failed = 0;
};

class ControllerReader final : public ObjectReader {
 public:
    ControllerReader(const Resource& resource, Interner& interner)
        : ObjectReader(interner), resource_(resource) {}

    error_code spec(json::value value) override {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "replicas")) {
                numbers_.wanted = field.raw_json_token().front() == 'n' ? 1 : count_in(field);
            } else if (is_key(key, "template")) {
                return read_template(field);
            } else if (is_key(key, "jobTemplate")) {
                return for_each_field(field, [&](const char* name, json::value part) {
                    return is_key(name, "spec") ? spec(part) : SUCCESS;
                });
            }
            return SUCCESS;
        });
    }

    error_code status(json::value value) override {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "replicas")) {
                numbers_.replicas = count_in(field);
            } else if (is_key(key, "readyReplicas")) {
                numbers_.ready = count_in(field);
            } else if (is_key(key, "availableReplicas")) {
                numbers_.available = count_in(field);
            } else if (is_key(key, "desiredNumberScheduled")) {
                numbers_.scheduled_wanted = count_in(field);
            } else if (is_key(key, "currentNumberScheduled")) {
                numbers_.scheduled = count_in(field);
            } else if (is_key(key, "numberAvailable")) {
                numbers_.number_available = count_in(field);
            } else if (is_key(key, "active")) {
                return read_active(field);
            } else if (is_key(key, "succeeded")) {
                numbers_.succeeded = count_in(field);
            } else if (is_key(key, "failed")) {
                numbers_.failed = count_in(field);
            }
            return SUCCESS;
        });
    }

    Decoded finish(RawMeta& raw, std::string_view /*text*/) override {
        controller_.kind = {
            .group = std::string(resource_.group),
            .version = std::string(resource_.version),
            .kind = std::string(resource_.kind)
        };
        controller_.meta = std::move(raw.meta);
        if (resource_.detail == Detail::kMetadata && controller_.meta.controller) {
            controller_.has_template =
                false;  // its owner has all that; not kept thousands of times
        }
        if (!controller_.has_template) {
            controller_.template_labels = models::no_labels();
            controller_.template_annotations = models::no_labels();
        } else {
            take_numbers();
        }
        return decoded(std::move(controller_));
    }

 private:
    error_code read_template(json::value value) {
        controller_.has_template = value.raw_json_token().front() == '{';
        return for_each_field(value, [&](const char* key, json::value field) {
            if (!is_key(key, "metadata")) {
                return SUCCESS;
            }
            RawMeta raw;
            const auto error = read_meta(field, interner_, raw);
            controller_.template_labels = raw.meta.labels;
            controller_.template_annotations = raw.meta.annotations;
            return error;
        });
    }

    // Of a Job a number, of a CronJob the list of its Jobs.
    error_code read_active(json::value value) {
        numbers_.active = count_in(value);
        return for_each_item(value, [&](json::value) {
            ++numbers_.active;
            return SUCCESS;
        });
    }

    void take_numbers() {
        const Numbers& n = numbers_;
        const auto set = [&](std::int32_t desired, std::int32_t current, std::int32_t available) {
            controller_.desired = desired;
            controller_.current = current;
            controller_.available = available;
        };
        if (resource_.kind == "DaemonSet") {
            set(n.scheduled_wanted, n.scheduled, n.number_available);
        } else if (resource_.kind == "StatefulSet") {
            set(n.wanted, n.replicas, n.ready);
        } else if (resource_.kind == "Job" || resource_.kind == "CronJob") {
            const std::int32_t all = sum({n.active, n.succeeded, n.failed});
            set(all, all, sum({n.active, n.succeeded}));
        } else {
            set(n.wanted, n.replicas, n.available);
        }
    }

    static std::int32_t sum(std::initializer_list<std::int32_t> numbers) {
        constexpr std::int64_t kMost = 1'000'000'000;
        std::int64_t total = 0;
        for (const std::int32_t number : numbers) {
            total += number;
        }
        return static_cast<std::int32_t>(total > kMost ? kMost : total < 0 ? 0 : total);
    }

    const Resource& resource_;
    models::Controller controller_;
    Numbers numbers_;
};

}  // namespace

std::unique_ptr<ObjectReader> make_controller_reader(const Resource& resource, Interner& interner) {
    return std::make_unique<ControllerReader>(resource, interner);
}

}  // namespace meshscope::clients::kubernetes
