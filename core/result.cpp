#include "core/result.hpp"

#include <stdexcept>

namespace meshscope {

void throw_exception_from_error(const Error& error, const boost::source_location& /*where*/) {
    throw std::logic_error("value() of a failed Result: " + error.message());
}

}  // namespace meshscope
