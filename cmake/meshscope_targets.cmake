# meshscope_library(NAME [SOURCES ...] [PUBLIC ...] [PRIVATE ...]): one static library for one folder.
# Includes are written from the repository root. A library without sources is an interface library.
function(meshscope_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE meshscope_warnings ${arg_PRIVATE})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(meshscope::${name} ALIAS ${name})
endfunction()

# meshscope_test(NAME LABELS ... SOURCES ... LINK ...): one Catch2 program, its cases registered with CTest.
# The label "threads" puts it into the thread-sanitizer run: only for programs that do not link gRPC.
function(meshscope_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "LABELS;SOURCES;LINK" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE meshscope_warnings Catch2::Catch2WithMain ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE
    MESHSCOPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" MESHSCOPE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  # One label of several words: Catch's script splits lists. `ctest -L` matches any part of it.
  list(JOIN arg_LABELS " " labels)
  catch_discover_tests(${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${labels}" TIMEOUT ${arg_TIMEOUT})
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads_tests ${name})
  endif()
endfunction()

# meshscope_proto(NAME FILES a.proto ... [GRPC]): generated code as system headers, warnings off.
function(meshscope_proto name)
  cmake_parse_arguments(arg "GRPC" "" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(generated)
  foreach(file IN LISTS arg_FILES)
    get_filename_component(dir ${file} DIRECTORY)
    get_filename_component(base ${file} NAME_WE)
    set(stem ${out}/${dir}/${base})
    set(outputs ${stem}.pb.cc ${stem}.pb.h)
    set(grpc_args)
    if(arg_GRPC)
      list(APPEND outputs ${stem}.grpc.pb.cc ${stem}.grpc.pb.h)
      set(grpc_args --grpc_out=${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND protobuf::protoc --cpp_out=${out} ${grpc_args} -I ${CMAKE_CURRENT_SOURCE_DIR} ${file}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(${name} STATIC ${generated})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_compile_options(${name} PRIVATE -w)
  if(arg_GRPC)
    target_link_libraries(${name} PUBLIC meshscope_grpc)
  else()
    target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
  endif()
  add_library(meshscope::${name} ALIAS ${name})
endfunction()
