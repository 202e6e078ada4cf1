# One function declares a module: its library, its unit tests and its micro benchmarks.
#
#   lanemq_module(NAME core SRCS a.cc b.cc DEPS base LIBS fmt::fmt TESTS a_test.cc BENCHES a_bench.cc)
#
# gives the target lanemq::core, one test binary `core_test` registered test by test, and `a_bench`.
# A *_test.cc in the folder that is not named in TESTS is a configure error: a test nobody runs is
# worse than none. OPTIMIZED_TESTS is for tests that compute much themselves. SHARDS n: n processes share the tests, and
# each starts what its tests share once (a database server takes longer than most tests of a store).
# PLAIN_TESTS is for unit tests that ask less of instrumented code: a run of all tests runs them without sanitizers, too.
include(GoogleTest)

function(lanemq_module)
  cmake_parse_arguments(M "OPTIMIZED_TESTS;PLAIN_TESTS" "NAME;SHARDS" "SRCS;DEPS;LIBS;TESTS;TEST_DEPS;BENCHES;LABELS" ${ARGN})
  set(lib lanemq_${M_NAME})
  list(TRANSFORM M_DEPS PREPEND "lanemq::")
  list(TRANSFORM M_TEST_DEPS PREPEND "lanemq::")
  if(M_SRCS)
    add_library(${lib} STATIC ${M_SRCS})
    target_link_libraries(${lib} PUBLIC ${M_DEPS} ${M_LIBS} PRIVATE lanemq_warnings)
    target_include_directories(${lib} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  else()
    add_library(${lib} INTERFACE)
    target_link_libraries(${lib} INTERFACE ${M_DEPS} ${M_LIBS})
    target_include_directories(${lib} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  endif()
  add_library(lanemq::${M_NAME} ALIAS ${lib})

  file(GLOB_RECURSE found RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS *_test.cc)
  foreach(test IN LISTS found)
    get_property(known GLOBAL PROPERTY lanemq_known_tests)
    if(NOT test IN_LIST M_TESTS AND NOT ${CMAKE_CURRENT_SOURCE_DIR}/${test} IN_LIST known)
      # A folder between here and the file with a CMakeLists.txt of its own answers for it.
      set(owned_elsewhere FALSE)
      get_filename_component(dir ${CMAKE_CURRENT_SOURCE_DIR}/${test} DIRECTORY)
      while(NOT dir STREQUAL CMAKE_CURRENT_SOURCE_DIR)
        if(EXISTS ${dir}/CMakeLists.txt)
          set(owned_elsewhere TRUE)
        endif()
        get_filename_component(dir ${dir} DIRECTORY)
      endwhile()
      if(NOT owned_elsewhere)
        message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}/${test} is in no TESTS list: it would never run")
      endif()
    endif()
  endforeach()

  foreach(test IN LISTS M_TESTS)
    set_property(GLOBAL APPEND PROPERTY lanemq_known_tests ${CMAKE_CURRENT_SOURCE_DIR}/${test})
  endforeach()
  # Tests with a label (integration, e2e) need a database or processes; sanitizer builds leave them out.
  if(M_TESTS AND LANEMQ_BUILD_TESTS AND (LANEMQ_BUILD_INTEGRATION OR NOT M_LABELS))
    add_executable(${M_NAME}_test ${M_TESTS})
    target_link_libraries(${M_NAME}_test PRIVATE ${lib} ${M_TEST_DEPS} lanemq_warnings
                                                 GTest::gtest GTest::gmock GTest::gtest_main)
    if(NOT M_OPTIMIZED_TESTS)
      # A test compiles in two thirds of the time when it is not optimised; what it tests still is.
      target_compile_options(${M_NAME}_test PRIVATE -O0)
    endif()
    set(labels ${M_LABELS})
    if(NOT labels)
      set(labels unit)
      if(M_PLAIN_TESTS AND NOT LANEMQ_SANITIZE)
        set(labels unit_plain)
      endif()
    endif()
    set(timeout 120)
    if(M_LABELS)
      set(timeout 300)  # Processes and databases, beside others' on two cores; their waits have shorter limits of their own.
    endif()
    if(LANEMQ_SANITIZE)
      set(timeout 400)  # Instrumented code on a busy machine.
    endif()
    if(M_SHARDS)
      math(EXPR last "${M_SHARDS} - 1")
      foreach(shard RANGE ${last})
        add_test(NAME ${M_NAME}.shard_${shard} COMMAND ${M_NAME}_test)
        set_tests_properties(${M_NAME}.shard_${shard} PROPERTIES LABELS "${labels}" TIMEOUT 600
          ENVIRONMENT "GTEST_TOTAL_SHARDS=${M_SHARDS};GTEST_SHARD_INDEX=${shard}")
      endforeach()
    else()
      gtest_discover_tests(${M_NAME}_test TEST_PREFIX ${M_NAME}. DISCOVERY_TIMEOUT 60
                           PROPERTIES LABELS "${labels}" TIMEOUT ${timeout})
    endif()
    if(NOT M_LABELS)
      add_dependencies(unit_tests ${M_NAME}_test)
      if(NOT M_PLAIN_TESTS)
        set_property(GLOBAL APPEND PROPERTY lanemq_sanitized_tests ${M_NAME}_test)
      endif()
    endif()
  endif()
  if(M_BENCHES AND LANEMQ_BUILD_PERF)
    foreach(bench IN LISTS M_BENCHES)
      get_filename_component(name ${bench} NAME_WE)
      add_executable(${name} ${bench})
      target_link_libraries(${name} PRIVATE ${lib} ${M_TEST_DEPS} lanemq_warnings
                                            benchmark::benchmark_main)
    endforeach()
  endif()
endfunction()
