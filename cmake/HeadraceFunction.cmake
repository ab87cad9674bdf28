# headrace_add_function(welcome_email SOURCES handler.cpp): a handler .so that headrace-worker loads.
# Hidden visibility and -fno-gnu-unique keep two handlers apart; -z defs finds a missing symbol at link time.
function(headrace_add_function name)
  cmake_parse_arguments(FN "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${FN_SOURCES})
  target_link_libraries(${name} PRIVATE headrace::function ${FN_LIBRARIES})
  target_compile_options(${name} PRIVATE -fvisibility=hidden
    $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  if(NOT HEADRACE_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
