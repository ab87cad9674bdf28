# What builds a handler, in this tree or included from another one.
#
# The handler SDK is headers only; a handler links it and nothing else of headrace.
if(NOT TARGET headrace::function)
  get_filename_component(headrace_sdk ${CMAKE_CURRENT_LIST_DIR}/../functions/sdk ABSOLUTE)
  add_library(headrace_function INTERFACE)
  add_library(headrace::function ALIAS headrace_function)
  target_include_directories(headrace_function INTERFACE ${headrace_sdk})
endif()

# headrace_without_sanitizers(target): for what runs under a handler's memory limit.
function(headrace_without_sanitizers target)
  if(HEADRACE_SANITIZE)
    target_compile_options(${target} PRIVATE -fno-sanitize=all)
    target_link_options(${target} PRIVATE -fno-sanitize=all)
  endif()
endfunction()

# headrace_add_function(welcome_email SOURCES handler.cpp): a handler .so that headrace-worker loads.
# Hidden visibility and -fno-gnu-unique keep two handlers apart; -z defs finds a missing symbol at link time.
function(headrace_add_function name)
  cmake_parse_arguments(FN "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${FN_SOURCES})
  target_link_libraries(${name} PRIVATE headrace::function ${FN_LIBRARIES})
  target_compile_options(${name} PRIVATE -fvisibility=hidden
    $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE -Wl,-z,defs)
  headrace_without_sanitizers(${name})
endfunction()
