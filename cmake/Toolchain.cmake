# Compiler settings of every target of ours; warnings are errors here and nowhere else.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
set(CMAKE_C_FLAGS_DEBUG "-Og -g1")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Collecting garbage took an eighth of its time.
  add_compile_options(--param=ggc-min-heapsize=1000000)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers need the sloppiness or nothing is ever a hit. What a source includes is learned from the
  # compiler, rather than by preprocessing it once more.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

find_program(MOLD mold)
if(MOLD AND NOT TIDEMARK_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

if(TIDEMARK_SANITIZE)
  add_compile_options(-fsanitize=${TIDEMARK_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  if(TIDEMARK_SANITIZE MATCHES "undefined" AND NOT TIDEMARK_FUZZ)
    # A third of the time to compile, for little: AddressSanitizer stops where null or what is beyond an object is used.
    # What decodes bytes is under all checks in its fuzzers.
    add_compile_options(-fno-sanitize=null,nonnull-attribute,returns-nonnull-attribute
                        -fno-sanitize=alignment,object-size,pointer-overflow,vptr)
  endif()
  add_link_options(-fsanitize=${TIDEMARK_SANITIZE})
  # For the tests.
  set(TIDEMARK_SANITIZER_OPTIONS
      ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
      TSAN_OPTIONS=second_deadlock_stack=1:history_size=7:suppressions=${CMAKE_CURRENT_LIST_DIR}/thread_sanitizer.supp)
endif()

# A module's sources compiled together take half the time; so names at file scope differ within a module. The presets
# for work on the sources (dev, tidy) compile file by file, which also shows what a file forgot to include.
if(TIDEMARK_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)
endif()

if(TIDEMARK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # tells libFuzzer which branches an input reached
endif()

add_library(tidemark_warnings INTERFACE)
target_compile_options(tidemark_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Werror -Wno-missing-field-initializers>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives of these in coroutines and in inlined library code.
  target_compile_options(tidemark_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-restrict
    -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread -Wno-dangling-pointer>)
  if(TIDEMARK_UNITY)
    # It takes for a header what has anonymous namespaces in it and is not the main file.
    target_compile_options(tidemark_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
  endif()
endif()
