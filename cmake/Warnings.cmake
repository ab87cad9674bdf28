# Warnings are errors in every room; third-party headers are system headers and stay silent.
add_library(headrace_warnings INTERFACE)
target_compile_options(headrace_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align -Woverloaded-virtual
  -Wpedantic -Wformat=2 -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio's fences are unknown to TSan. GCC 12 takes the unused arm of a boost::system::result for an
  # uninitialised read, and a coroutine frame for a mismatched delete; clang's analysis of the same code is on in the control build.
  target_compile_options(headrace_warnings INTERFACE -Wno-tsan -Wno-maybe-uninitialized -Wno-mismatched-new-delete
    -Wduplicated-cond -Wlogical-op)
endif()
