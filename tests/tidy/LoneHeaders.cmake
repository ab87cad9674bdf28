# Every header as the only line of a source, for `./dev lint` and the long run: four minutes of
# everyday's. Most of the time would go to parsing Asio, so headers
# that include it, themselves or through others, share a precompiled one; the rest do without it, or
# a missing include would stay unseen.
set(asio_header boost/asio/awaitable.hpp)

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
  ${CMAKE_SOURCE_DIR}/base/*.hpp ${CMAKE_SOURCE_DIR}/queue/*.hpp
  ${CMAKE_SOURCE_DIR}/functions/*.hpp ${CMAKE_SOURCE_DIR}/functions/*.h
  ${CMAKE_SOURCE_DIR}/runtime/*.hpp ${CMAKE_SOURCE_DIR}/tests/*.hpp)

# reaches_asio(base/http.hpp answer): answer is ON when the header includes it, also through
# other headers of the tree.
function(reaches_asio header answer)
  get_property(known GLOBAL PROPERTY REACHES_ASIO_${header})
  if("${known}" STREQUAL "")
    set(known OFF)
    file(STRINGS ${CMAKE_SOURCE_DIR}/${header} lines REGEX "^#include ")
    foreach(line ${lines})
      string(REGEX REPLACE "^#include [<\"]([^>\"]+).*" "\\1" included ${line})
      if(included STREQUAL asio_header)
        set(known ON)
      elseif(included IN_LIST headers)
        reaches_asio(${included} through)
        if(through)
          set(known ON)
        endif()
      endif()
    endforeach()
    set_property(GLOBAL PROPERTY REACHES_ASIO_${header} ${known})
  endif()
  set(${answer} ${known} PARENT_SCOPE)
endfunction()

# lone_headers(NAME header...): compiles each.
function(lone_headers name)
  set(sources)
  foreach(header ${ARGN})
    set(lone ${CMAKE_CURRENT_BINARY_DIR}/lone_headers/${header}.cpp)
    file(CONFIGURE OUTPUT ${lone} CONTENT "#include \"${header}\"\n")
    list(APPEND sources ${lone})
  endforeach()
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(${name} PRIVATE
    headrace_test_support headrace_warnings nlohmann_json::nlohmann_json headrace::function)
  # Fixtures are told by their builds where programs are.
  target_compile_definitions(${name} PRIVATE HANDLERS="" WORKER="" NODE_CODE="" BOOTSTRAPS="")
  target_compile_options(${name} PRIVATE -O0 -g0)
endfunction()

foreach(header ${headers})
  reaches_asio(${header} asio)
  if(asio)
    list(APPEND asio_headers ${header})
  else()
    list(APPEND plain_headers ${header})
  endif()
endforeach()
lone_headers(headrace_plain_headers ${plain_headers})
lone_headers(headrace_asio_headers ${asio_headers})
headrace_precompile(headrace_asio_headers <${asio_header}>)
