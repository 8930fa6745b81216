#pragma once

#include "core/result.hpp"
#include "demo/kubernetes/object.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// What a list or watch is narrowed to.
class Selectors {
 public:
    // The parameters' texts: "app=reviews,version in (v1,v2),!canary" and
    // "metadata.name=x,spec.nodeName!=y". kInvalidArgument in Kubernetes' words.
    static Result<Selectors> parse(std::string_view labels, std::string_view fields);

    [[nodiscard]] bool match(const Object& object) const;
    [[nodiscard]] bool empty() const { return labels_.empty() && fields_.empty(); }

 private:
    struct Condition {
        std::string key;
        std::vector<std::string> values;  // one of these; empty: any value
        bool negated = false;
    };

    std::vector<Condition> labels_;
    std::vector<Condition> fields_;
};

}  // namespace meshscope::demo
