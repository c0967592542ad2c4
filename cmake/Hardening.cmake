# MESHCTL_HARDEN: what Debian's packages are built with, and no path of the build folder in the program.
if(NOT MESHCTL_HARDEN)
  return()
endif()
include(CheckCXXSourceCompiles)
# Level 3 sees buffers whose size is known only at run time; an older compiler or libc says so by a warning.
set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -D_FORTIFY_SOURCE=3")
check_cxx_source_compiles("#include <cstring>\nint main(int, char** argv) { return static_cast<int>(std::strlen(argv[0])); }" MESHCTL_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
set(fortify 2)
if(MESHCTL_FORTIFY_3)
  set(fortify 3)
endif()
add_compile_options(-fPIE -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${fortify} -Wformat -Werror=format-security
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  add_compile_options(-fcf-protection)
endif()
add_link_options(-pie LINKER:-z,relro LINKER:-z,now LINKER:--as-needed)
