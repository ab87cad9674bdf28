# headrace_precompile(target header): the header is parsed once per target; ccache can still compare.
function(headrace_precompile target header)
  target_precompile_headers(${target} PRIVATE ${header})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  else()
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# headrace_room(NAME base DEPENDS ...): one static library per room, all .cpp files of its folder,
# and the room's precompiled header.
function(headrace_room)
  cmake_parse_arguments(ROOM "" "NAME" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target headrace_${ROOM_NAME})
  add_library(${target} STATIC ${ROOM_SOURCES})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC headrace_asio ${ROOM_DEPENDS}
    PRIVATE headrace_warnings ${ROOM_PRIVATE_DEPENDS})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/pch.hpp)
    headrace_precompile(${target} pch.hpp)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Compiled in lumps, in half the time. The control build shows that each source stands alone.
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # a lump is no header
  endif()
endfunction()
