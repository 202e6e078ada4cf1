# The pages: built by Vite with what npm installs from package-lock.json, packed, and linked into lanemq-portal.
# Sets LANEMQ_PAGES_SOURCE and LANEMQ_PAGES_PACK for the folder that includes it (portal/api/assets).
# Builds that look at the C++ alone (sanitizers, clang, fuzzing) have none.
option(LANEMQ_BUILD_PAGES "Build the portal's pages: needs Node 18, npm, and once the npm registry" ${LANEMQ_BUILD_INTEGRATION})
set(LANEMQ_PAGES_SOURCE no_pages.cc)
set(LANEMQ_PAGES_PACK "")
if(LANEMQ_BUILD_PAGES)
  set(web ${CMAKE_CURRENT_LIST_DIR})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/pages)
  file(MAKE_DIRECTORY ${out})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/*.ts ${web}/src/*.tsx ${web}/src/*.css ${web}/public/*)
  list(FILTER sources EXCLUDE REGEX "/generated/|\\.test\\.tsx?$")
  set(tools index.html package.json package-lock.json tsconfig.json vite.config.ts scripts/build_pages.sh scripts/pack.mjs)
  list(TRANSFORM tools PREPEND ${web}/)
  set(LANEMQ_PAGES_SOURCE ${out}/pages.cc)
  set(LANEMQ_PAGES_PACK ${out}/pages.pack)
  add_custom_command(
    OUTPUT ${LANEMQ_PAGES_SOURCE} ${LANEMQ_PAGES_PACK}
    COMMAND ${web}/scripts/build_pages.sh ${out}
    DEPENDS ${sources} ${tools} ${PROJECT_SOURCE_DIR}/portal/openapi.yaml
    COMMENT "Building the portal's pages"
    VERBATIM)
else()
  message(STATUS "LANEMQ_BUILD_PAGES is OFF: lanemq-portal will have its API, but no pages")
endif()
