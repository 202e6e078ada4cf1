# LANEMQ_SANITIZE: empty, "address,undefined" or "thread"; set by the presets.
set(LANEMQ_SANITIZE "" CACHE STRING "Sanitizers for every target")
if(LANEMQ_SANITIZE)
  add_compile_options(-fsanitize=${LANEMQ_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LANEMQ_SANITIZE})
  if(LANEMQ_SANITIZE MATCHES "undefined")
    # Checks at every access: half of the time to compile, and the address sanitizer sees what matters of them.
    add_compile_options(-fno-sanitize=null,alignment,vptr,object-size)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC warns wrongly in instrumented code (std::regex, std::function; GCC bug 105562).
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
