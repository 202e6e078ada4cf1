# find_package(lanemq) gives lanemq::client.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(fmt)
find_dependency(spdlog)
find_dependency(Boost)
find_dependency(prometheus-cpp)
find_dependency(ZLIB)
include(${CMAKE_CURRENT_LIST_DIR}/lanemqTargets.cmake)
