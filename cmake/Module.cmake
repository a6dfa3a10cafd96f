# tidemark_module(NAME DEPS <modules> LIBS <foreign libraries> PUBLIC <headers others may include>)
#
# One folder under src/ = one library `tidemark_<name>` = one namespace. Sources are every *.cc of the
# folder; *_test.cc and *_fixture.cc form `<name>_test`, each *_fuzz.cc a fuzzer, each *_bench.cc a micro benchmark.
# DEPS and PUBLIC are read by tools/check_layers as well, which fails on any include they do not name.
#
# FUZZ_SOURCES and FUZZ_DEPS: of a module that does I/O, what its fuzzers need; a TIDEMARK_FUZZ build then
# makes the library of these alone, so that no coroutine and no lower module comes with a parser.
#
# `./dev test` runs a module's tests under AddressSanitizer and UndefinedBehaviorSanitizer (label: sanitized), but
# those of api and server as released: together they are a quarter of all there is to compile; of the server's sources
# its suite tests one, and the parsers of requests to DynamoDB, IAM and STS are under these checks in their fuzzers.
set(TIDEMARK_TESTED_AS_RELEASED api server)

function(tidemark_module NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;PUBLIC;FUZZ_SOURCES;FUZZ_DEPS" ${ARGN})
  set(target tidemark_${NAME})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS *.cc)
  if(TIDEMARK_FUZZ AND ARG_FUZZ_SOURCES)
    set(ARG_DEPS ${ARG_FUZZ_DEPS})
    list(REMOVE_ITEM ARG_LIBS tidemark_asio)
  endif()
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fixture|fuzz|bench|main)\\.cc$")
  if(TIDEMARK_FUZZ AND ARG_FUZZ_SOURCES)
    list(TRANSFORM ARG_FUZZ_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  endif()
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_(test|fixture)\\.cc$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(TRANSFORM ARG_DEPS PREPEND tidemark_ OUTPUT_VARIABLE deps)

  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} PUBLIC ${deps} ${ARG_LIBS} PRIVATE tidemark_warnings)
    tidemark_pch(${target} "${ARG_LIBS}")
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} INTERFACE ${deps} ${ARG_LIBS})
  endif()

  if(NAME IN_LIST TIDEMARK_TESTED_AS_RELEASED)
    set(kind released)
  else()
    set(kind sanitized)
  endif()
  if(tests AND NOT TIDEMARK_FUZZ)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE ${target} tidemark_warnings GTest::gmock GTest::gtest_main)
    target_compile_definitions(${NAME}_test PRIVATE TM_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
    tidemark_test_pch(${NAME}_test "${ARG_LIBS}")
    set_property(GLOBAL APPEND PROPERTY TIDEMARK_TESTS_${kind} ${NAME}_test)
    add_test(NAME ${NAME} COMMAND ${NAME}_test)
    set_tests_properties(${NAME} PROPERTIES LABELS "unit;${kind}" TIMEOUT 600
                         ENVIRONMENT "${TIDEMARK_SANITIZER_OPTIONS}")
  endif()

  if(TIDEMARK_FUZZ)
    foreach(file ${fuzzers})
      get_filename_component(base ${file} NAME_WE)
      add_executable(${NAME}_${base} ${file})
      target_link_libraries(${NAME}_${base} PRIVATE ${target} tidemark_warnings)
      target_link_options(${NAME}_${base} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY TIDEMARK_FUZZERS ${NAME}_${base})
    endforeach()
  endif()
endfunction()

# Precompiled headers, built once each and shared: plain, and with Asio and simdjson for what does I/O.
function(tidemark_pch TARGET LIBS)
  tidemark_reuse_pch(${TARGET} tidemark_pch "${LIBS}")
endfunction()

# Sources of tests: with GoogleTest, and not optimised. What they test is; they themselves would take longer to
# compile than all the rest.
function(tidemark_test_pch TARGET LIBS)
  target_compile_options(${TARGET} PRIVATE -O0 -fPIC)  # the latter as the precompiled header has it
  tidemark_reuse_pch(${TARGET} tidemark_pch_test "${LIBS}")
endfunction()

function(tidemark_reuse_pch TARGET KIND LIBS)
  if(NOT TIDEMARK_PCH)
    return()
  endif()
  set(headers ${CMAKE_SOURCE_DIR}/src/base/pch.h)
  set(libraries fmt::fmt tl::expected tidemark_warnings)
  set(pch ${KIND}_plain)
  if("tidemark_asio" IN_LIST LIBS)
    set(pch ${KIND}_asio)
    list(APPEND headers ${CMAKE_SOURCE_DIR}/src/runtime/asio.h <simdjson.h>)
    list(APPEND libraries tidemark_asio simdjson::simdjson)
  endif()
  if(KIND STREQUAL tidemark_pch_test)
    list(APPEND headers <gmock/gmock.h> <gtest/gtest.h>)
    list(APPEND libraries GTest::gmock GTest::gtest)
  endif()
  if(NOT TARGET ${pch})
    file(WRITE ${CMAKE_BINARY_DIR}/${pch}.cc "")
    add_library(${pch} OBJECT ${CMAKE_BINARY_DIR}/${pch}.cc)
    target_include_directories(${pch} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${pch} PRIVATE ${libraries})
    target_precompile_headers(${pch} PRIVATE ${headers})
    if(KIND STREQUAL tidemark_pch_test)
      target_compile_options(${pch} PRIVATE -O0)
    endif()
  endif()
  if(pch MATCHES "asio")
    target_link_libraries(${TARGET} PRIVATE simdjson::simdjson)  # its definitions are those of the precompiled header
  endif()
  target_precompile_headers(${TARGET} REUSE_FROM ${pch})
endfunction()
