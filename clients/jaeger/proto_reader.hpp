#pragma once

#include "core/proto_reader.hpp"
