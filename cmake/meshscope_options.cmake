# Build options. Presets in CMakePresets.json set them; nothing else should need to.
option(MESHSCOPE_TESTS "Build the test programs" OFF)
option(MESHSCOPE_BENCH "Build the benchmarks" OFF)
option(MESHSCOPE_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(MESHSCOPE_COVERAGE "Instrument for coverage" OFF)
option(MESHSCOPE_STATIC_GRPC "Link gRPC, protobuf and Abseil statically (release)" OFF)
option(MESHSCOPE_NO_GRPC "Leave out every target that links gRPC (thread sanitizer)" OFF)
set(MESHSCOPE_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(MESHSCOPE_CCACHE ccache)
if(MESHSCOPE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${MESHSCOPE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MESHSCOPE_CCACHE})
endif()
find_program(MESHSCOPE_MOLD mold)
if(MESHSCOPE_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=mold)
endif()

add_library(meshscope_warnings INTERFACE)
target_compile_options(meshscope_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Werror)

if(MESHSCOPE_SANITIZE)
  string(REPLACE "," ";" _sanitizers "${MESHSCOPE_SANITIZE}")
  list(JOIN _sanitizers "," _joined)
  add_compile_options(-fsanitize=${_joined} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if("undefined" IN_LIST _sanitizers)
    # The check of virtual calls opens a pipe to probe the memory. In a process without a free file descriptor,
    # which a test makes on purpose, that fails and is taken for a broken object.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  add_link_options(-fsanitize=${_joined})
endif()
if(MESHSCOPE_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
