#include "business/graph_appender.hpp"

#include <algorithm>

namespace meshscope::business {

bool GraphWork::visible(std::string_view ns) const {
    if (!access->visible(caller, ns)) {
        return false;
    }
    const models::NamespaceView* view = snapshot ? snapshot->find(ns) : nullptr;
    return view == nullptr || discovery->shows(*view);
}

bool GraphWork::asked_for(std::string_view ns) const {
    return std::ranges::binary_search(namespaces, ns, {}, [](const GraphNamespace& one) {
        return std::string_view(one.name);
    });
}

std::vector<clients::promql::Expr> GraphAppender::questions(const GraphWork& /*work*/) const {
    return {};
}

void GraphAppender::apply_to_boxes(GraphWork& /*work*/) const {}

}  // namespace meshscope::business
