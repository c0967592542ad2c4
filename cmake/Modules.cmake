# meshctl_module(NAME [COLD] DEPS modules… LIBS targets…): src/NAME/**.cpp as the static library meshctl_NAME.
# Warnings are errors in our presets (CMAKE_COMPILE_WARNING_AS_ERROR), so in CI: not for a user or a packager with a compiler we never saw.
function(meshctl_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # What g++ thinks that std::string does out of bounds, once it has inlined it: false alarms in 12 to 14. clang-tidy and the sanitizers look as well.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  if(MESHCTL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      # g++ 12 sees uninitialized members inside <regex> once the sanitizers' calls are in between.
      target_compile_options(${target} PRIVATE -Wno-error=maybe-uninitialized)
    endif()
  endif()
  if(MESHCTL_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link,address,undefined)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()

# meshctl_unite(TARGET SOURCES…): a folder's files are compiled in groups of about MESHCTL_UNITY_SIZE (CMake's unity build), since most of what a
# file costs the compiler are headers and templates that its neighbours need as well. So names of file-local things must differ within a folder.
# Not in a group: generated sources; files with short enumerators for template slots or `using enum`, where equal names are the point; and those that
# alone see a heavy library (args, json, schema), so that a change to a neighbour does not compile that again.
set(MESHCTL_ALONE args json schema emit_psk emit_sas emit_setkey conf_keywords netsh_emit powershell_emit static_emit values)
function(meshctl_unite target)
  set(folders "")
  foreach(source IN LISTS ARGN)
    get_filename_component(name ${source} NAME_WE)
    get_filename_component(folder ${source} DIRECTORY)
    if(NOT name IN_LIST MESHCTL_ALONE)
      file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${folder})  # the groups' names decide in which order they are linked
      string(MAKE_C_IDENTIFIER "${folder}" key)
      list(APPEND folders ${key})
      list(APPEND files_${key} ${source})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(key IN LISTS folders)
    list(LENGTH files_${key} count)
    math(EXPR groups "(${count} + ${MESHCTL_UNITY_SIZE} - 1) / ${MESHCTL_UNITY_SIZE}")
    set(index 0)
    foreach(source IN LISTS files_${key})
      math(EXPR group "${index} * ${groups} / ${count}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${key}_${group})
      math(EXPR index "${index} + 1")
    endforeach()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${MESHCTL_UNITY} UNITY_BUILD_MODE GROUP)
endfunction()

# What nearly every file includes, compiled once and shared by all modules. Files still include what they use: the presets debug and tidy build without it.
set(MESHCTL_COMMON <algorithm> <array> <charconv> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <span> <string>
  <string_view> <tuple> <utility> <variant> <vector> <fmt/core.h> <tl/expected.hpp>)
# meshctl_precompile(TARGET FIRST MORE…): FIRST has it made, with MORE headers, and the others use it: with the same flags.
function(meshctl_precompile target first)
  if(NOT MESHCTL_UNITY)
    return()
  elseif(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${MESHCTL_COMMON} ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()

# COLD: what it does takes no time beside networks, hosts and people, so that -O1 is enough for it: a fifth less to compile.
function(meshctl_module name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "COLD" "" "DEPS;LIBS")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(meshctl_${name} STATIC ${sources})
  target_include_directories(meshctl_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_DEPS PREPEND meshctl_)
  target_link_libraries(meshctl_${name} PUBLIC ${ARG_DEPS} ${ARG_LIBS})
  meshctl_options(meshctl_${name})
  meshctl_unite(meshctl_${name} ${sources})
  if(ARG_COLD AND CMAKE_BUILD_TYPE MATCHES "^Rel")
    target_compile_options(meshctl_${name} PRIVATE -O1)
    meshctl_precompile(meshctl_${name} meshctl_yaml)  # the first of them
  else()
    meshctl_precompile(meshctl_${name} meshctl_base)
  endif()
  if(MESHCTL_TIDY)
    set_target_properties(meshctl_${name} PROPERTIES CXX_CLANG_TIDY clang-tidy)
  endif()
endfunction()

# Tests run once, and optimizing them costs more than it saves: what they test is optimized as it is for users.
function(meshctl_test_options target)
  target_compile_options(${target} PRIVATE -O0)
  meshctl_precompile(${target} meshctl_test_main <chrono> <fstream> <sstream> <doctest/doctest.h> <rapidcheck.h>)
endfunction()

# meshctl_test(NAME modules…): tests/unit/NAME/*.cpp with doctest's main, as the ctest test NAME. The target unit_suites is all of them.
function(meshctl_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  list(TRANSFORM ARGN PREPEND meshctl_)
  target_link_libraries(test_${name} PRIVATE ${ARGN} meshctl_test_main)
  target_compile_definitions(test_${name} PRIVATE MESHCTL_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    MESHCTL_BINARY_DIR="${PROJECT_BINARY_DIR}")
  meshctl_options(test_${name})
  meshctl_test_options(test_${name})
  meshctl_unite(test_${name} ${sources})
  if(NOT TARGET unit_suites)
    add_custom_target(unit_suites)
  endif()
  add_dependencies(unit_suites test_${name})
  add_test(NAME ${name} COMMAND test_${name})
endfunction()
