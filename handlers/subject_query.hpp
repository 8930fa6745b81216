#pragma once

#include "business/traces.hpp"
#include "core/result.hpp"
#include "handlers/parameters.hpp"
#include "server/http_types.hpp"

#include <string>
#include <string_view>

namespace meshscope::handlers {

// "app", "service" or "workload": the name of the path parameter, and of what it names.
std::string_view word_of(business::Subject::What what);

// "/api/namespaces/{namespace}/apps/{app}", and so on.
std::string subject_path(business::Subject::What what);

// What a page about an object asks for: its path and the parameters of trace_search_rules().
// kInvalidArgument names what is wrong.
Result<business::SubjectQuery> read_subject(
    business::Subject::What what, const server::Request& request, const Parameters& parameters
);

}  // namespace meshscope::handlers
