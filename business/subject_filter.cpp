#include "business/subject_filter.hpp"

#include "business/trace_filters.hpp"

#include <utility>

namespace meshscope::business {

using What = Subject::What;

SubjectFilter::SubjectFilter(Parts parts)
    : parts_(std::move(parts)),
      own_name_(parts_.what != What::kWorkload && parts_.resolved.lookup == parts_.name) {
    if (parts_.what == What::kService && parts_.snapshot) {
        const models::NamespaceView* view = parts_.snapshot->find(parts_.name_space);
        object_ = view == nullptr ? nullptr : view->find_service(parts_.name);
    }
}

bool SubjectFilter::keeps(const TraceView& view) const {
    if (own_name_) {
        return true;
    }
    const auto known = identities(view);
    for (std::size_t i = 0; i < view.trace->spans.size(); ++i) {
        if (!view.hides(i) && is_of_it(view, known.get(), i)) {
            return true;
        }
    }
    return false;
}

std::vector<std::uint32_t> SubjectFilter::spans_of(const TraceView& view) const {
    const models::Trace& trace = *view.trace;
    const auto known = identities(view);
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        const std::string_view process = trace.processes[trace.spans[i].process].service;
        const bool reported = parts_.what == What::kWorkload || process == parts_.resolved.lookup ||
                              process == parts_.service;
        if (reported && !view.hides(i) && (own_name_ || is_of_it(view, known.get(), i))) {
            found.push_back(i);
        }
    }
    return found;
}

std::shared_ptr<const TraceIdentities> SubjectFilter::identities(const TraceView& view) const {
    const bool needed = !own_name_ && parts_.what != What::kApp;
    return needed ? identities_of(*view.trace, parts_.snapshot) : nullptr;
}

bool SubjectFilter::is_of_it(
    const TraceView& view, const TraceIdentities* identities, std::size_t span
) const {
    const bool by_name =
        parts_.what != What::kWorkload &&
        names_service(view.trace->spans[span], parts_.resolved.own_namespace(), parts_.name);
    if (by_name || identities == nullptr) {
        return by_name;
    }
    const SpanIdentity& identity = identities->of(span);
    const Subject subject{parts_.what, parts_.name_space, parts_.name};
    return (identity.certainty != Certainty::kUnknown && belongs_to(identity, subject)) ||
           selected(identity);
}

bool SubjectFilter::selected(const SpanIdentity& identity) const {
    return object_ != nullptr && identity.object != nullptr &&
           identity.object->ns == parts_.name_space &&
           models::selects(*object_->selector, *identity.object->labels);
}

}  // namespace meshscope::business
