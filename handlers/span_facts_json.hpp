#pragma once

#include "business/traces.hpp"

#include <cstddef>
#include <string>

namespace meshscope::handlers {

// Writes the body of /api/traces/{traceID}/spans. All texts of the facts are masked already.
class RowWriter {
 public:
    // The rows must outlive the writer and stay where they are.
    explicit RowWriter(const business::TraceRows& rows) : rows_(rows) {}

    // Everything before the first row: {"traceID",...,"spans":[
    void head(std::string& out) const;
    void row(std::string& out, std::size_t index) const;  // of page.rows

 private:
    const business::TraceRows& rows_;
};

}  // namespace meshscope::handlers
