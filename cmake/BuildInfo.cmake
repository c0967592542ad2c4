# meshctl_build_info(MODULE): the values of src/cli/build_info.hpp. As a script (-P) this file asks git and writes them, only if they differ: so a
# new commit compiles one file of ten lines and links once more, and other builds do neither.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(MESHCTL_COMMIT "" CACHE STRING "what `meshctl version` says of the commit; empty: ask git")
  function(meshctl_build_info module)
    set(out ${PROJECT_BINARY_DIR}/build_info.cpp)
    set(LATER_COMMIT "@COMMIT@")  # git is asked in each build
    set(sanitizers false)
    if(MESHCTL_SANITIZE)
      set(sanitizers true)
    endif()
    configure_file(cmake/build_info.cpp.in ${out}.in @ONLY)
    find_package(Git QUIET)
    add_custom_target(meshctl_build_info
      COMMAND ${CMAKE_COMMAND} -DIN=${out}.in -DOUT=${out} -DROOT=${PROJECT_SOURCE_DIR} -DGIT=${GIT_EXECUTABLE} -DCOMMIT=${MESHCTL_COMMIT}
              -P ${PROJECT_SOURCE_DIR}/cmake/BuildInfo.cmake
      BYPRODUCTS ${out} COMMENT "Ask git for the commit" VERBATIM)
    target_sources(meshctl_${module} PRIVATE ${out})
    add_dependencies(meshctl_${module} meshctl_build_info)
  endfunction()
  return()
endif()

function(git_says var)
  execute_process(COMMAND ${GIT} --no-optional-locks -C ${ROOT} ${ARGN} OUTPUT_VARIABLE said ERROR_QUIET RESULT_VARIABLE status
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    set(said "")
  endif()
  set(${var} "${said}" PARENT_SCOPE)
endfunction()

if(NOT COMMIT AND GIT)
  # An unpacked tarball may lie inside a repository of something else.
  git_says(top rev-parse --show-toplevel)
  file(REAL_PATH "${ROOT}" root)
  if(top STREQUAL root)
    git_says(COMMIT rev-parse --short=12 HEAD)
    # Only what the program is made of: a changed test does not link it again.
    git_says(changes status --porcelain -- CMakeLists.txt CMakePresets.json cmake docs/meshctl.1.in schemas src templates)
    if(COMMIT AND changes)
      string(APPEND COMMIT -dirty)
    endif()
  endif()
endif()
if(NOT COMMIT)
  set(COMMIT unknown)
endif()
configure_file(${IN} ${OUT} @ONLY)
