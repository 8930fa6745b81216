#include "config/findings.hpp"

namespace meshscope::config {

void Findings::error(const std::string& path, const std::string& text) {
    errors_.push_back({path, text});
    bad_.insert(path);
}

void Findings::warning(const std::string& path, const std::string& text) {
    warnings_.push_back({path, text});
}

void Findings::deprecated(const std::string& path, const std::string& text) {
    deprecations_.push_back({path, text});
}

void Findings::saw(const std::string& path, int line) { lines_[path] = line; }

int Findings::line_of(const std::string& path) const {
    const auto found = lines_.find(path);
    return found == lines_.end() ? 0 : found->second;
}

bool Findings::has_error(const std::string& path) const { return bad_.contains(path); }

std::vector<std::string> Findings::errors() const { return render(errors_); }
std::vector<std::string> Findings::warnings() const { return render(warnings_); }
std::vector<std::string> Findings::deprecations() const { return render(deprecations_); }

std::vector<std::string> Findings::render(const std::vector<Finding>& findings) const {
    std::multimap<int, const Finding*> sorted;  // keeps the order of equal lines
    for (const Finding& finding : findings) {
        sorted.emplace(line_of(finding.path), &finding);
    }
    std::vector<std::string> texts;
    texts.reserve(findings.size());
    for (const auto& [line, finding] : sorted) {
        std::string text = line > 0 ? "line " + std::to_string(line) + ": " : "";
        if (!finding->path.empty()) {
            text += finding->path + ": ";
        }
        texts.push_back(text + finding->text);
    }
    return texts;
}

}  // namespace meshscope::config
