#pragma once

#include "core/error.hpp"

#include <boost/system/result.hpp>

namespace meshscope {

// A value or an Error. value() on an error throws std::logic_error (a bug): test has_value() first.
template <class T = void>
using Result = boost::system::result<T, Error>;

[[noreturn]] void throw_exception_from_error(
    const Error& error, const boost::source_location& where
);

}  // namespace meshscope
