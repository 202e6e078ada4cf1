# cmake --install BUILD --component client: the library, its public headers and lanemqConfig.cmake.
# Static libraries, so the modules below the client are installed with it; their headers are not.
include(CMakePackageConfigHelpers)

set(modules lanemq_client lanemq_client_group lanemq_rpc lanemq_wire lanemq_idl lanemq_base lanemq_core lanemq_warnings)
get_target_property(parts lanemq_core INTERFACE_LINK_LIBRARIES)
foreach(part IN LISTS parts)
  string(REPLACE "lanemq::" "lanemq_" part "${part}")
  list(APPEND modules ${part})
endforeach()
list(REMOVE_DUPLICATES modules)
foreach(module IN LISTS modules)
  string(REGEX REPLACE "^lanemq_" "" exported ${module})
  set_target_properties(${module} PROPERTIES EXPORT_NAME ${exported})
endforeach()
install(TARGETS ${modules} EXPORT lanemqTargets ARCHIVE DESTINATION lib COMPONENT client)
# Without the relay to embed: its library brings a MySQL client library with it, and is for builds of this tree.
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/include/lanemq DESTINATION include/liblanemq COMPONENT client
        PATTERN outbox_relay.h EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/common/base/check.h ${PROJECT_SOURCE_DIR}/common/base/error.h
              ${PROJECT_SOURCE_DIR}/common/base/result.h
        DESTINATION include/liblanemq/common/base COMPONENT client)
install(EXPORT lanemqTargets NAMESPACE lanemq:: DESTINATION lib/cmake/lanemq COMPONENT client)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/lanemqConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/lanemqConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/lanemqConfigVersion.cmake
        DESTINATION lib/cmake/lanemq COMPONENT client)
