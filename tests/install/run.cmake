# cmake -DBUILD=... -DSOURCE=... -DWORK=... -DCOMPILER=... -P run.cmake
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGV}")
  endif()
endfunction()
file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component client)
run(${CMAKE_COMMAND} -S ${SOURCE}/project -B ${WORK}/build -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DCMAKE_CXX_COMPILER=${COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/outside)

# The gateway with what describes its API, and nothing else.
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/portal --component portal)
run(${WORK}/portal/bin/lanemq-portal --version)
file(GLOB_RECURSE installed RELATIVE ${WORK}/portal ${WORK}/portal/*)
list(SORT installed)
if(NOT installed STREQUAL "bin/lanemq-portal;share/lanemq/openapi.yaml")
  message(FATAL_ERROR "component portal is ${installed}")
endif()
