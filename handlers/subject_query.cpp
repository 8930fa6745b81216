#include "handlers/subject_query.hpp"

#include <utility>

namespace meshscope::handlers {

std::string_view word_of(business::Subject::What what) {
    using What = business::Subject::What;
    switch (what) {
        case What::kApp:
            return "app";
        case What::kService:
            return "service";
        case What::kWorkload:
            return "workload";
    }
    return "app";
}

std::string subject_path(business::Subject::What what) {
    const std::string word(word_of(what));
    return "/api/namespaces/{namespace}/" + word + "s/{" + word + "}";
}

Result<business::SubjectQuery> read_subject(
    business::Subject::What what, const server::Request& request, const Parameters& parameters
) {
    business::SubjectQuery query;
    query.what = what;
    query.name_space = request.path_parameter("namespace");
    query.name = request.path_parameter(word_of(what));
    if (auto error = check_name("namespace", query.name_space, false)) {
        return std::move(*error);
    }
    if (auto error = check_name(word_of(what), query.name, true)) {
        return std::move(*error);
    }
    auto search = read_trace_request(parameters);
    if (!search) {
        return search.error();
    }
    query.request = std::move(*search);
    return query;
}

}  // namespace meshscope::handlers
