# SQL files become a C++ header at build time.
#
#   lanemq_embed_statements(OUTPUT <header> FILES ...)   named statements: `-- name: x` starts one
#   lanemq_embed_migrations(OUTPUT <header> META <files> NODE <files> OUTBOX <files> INBOX <files>)
#                                                             one statement per file
#
# This file is also the script that does it: cmake -P embed_sql.cmake -DMODE=... (see the ends).
function(lanemq_embed_statements)
  cmake_parse_arguments(E "" "OUTPUT" "FILES" ${ARGN})
  add_custom_command(
    OUTPUT ${E_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -DMODE=statements "-DOUTPUT=${E_OUTPUT}" "-DFILES=${E_FILES}"
            -DROOT=${PROJECT_SOURCE_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${E_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    VERBATIM)
endfunction()

function(lanemq_embed_migrations)
  cmake_parse_arguments(E "" "OUTPUT" "META;NODE;OUTBOX;INBOX" ${ARGN})
  add_custom_command(
    OUTPUT ${E_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -DMODE=migrations "-DOUTPUT=${E_OUTPUT}" "-DMETA=${E_META}"
            "-DNODE=${E_NODE}" "-DOUTBOX=${E_OUTBOX}" "-DINBOX=${E_INBOX}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${E_META} ${E_NODE} ${E_OUTBOX} ${E_INBOX} ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    VERBATIM)
endfunction()

# Puts `text` without comment lines, outer blanks and the final semicolon into `out`.
function(lanemq_strip_sql out text)
  string(REGEX REPLACE "(^|\n)[ \t]*--[^\n]*" "\\1" text "${text}")
  string(STRIP "${text}" text)
  string(REGEX REPLACE "[ \t\n]*;$" "" text "${text}")
  string(REGEX REPLACE "\n+" "\n" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# acquire_lease -> kAcquireLease
function(lanemq_constant_name out name)
  string(REPLACE "_" ";" words "${name}")
  set(result k)
  foreach(word IN LISTS words)
    string(SUBSTRING "${word}" 0 1 first)
    string(SUBSTRING "${word}" 1 -1 rest)
    string(TOUPPER "${first}" first)
    string(APPEND result "${first}${rest}")
  endforeach()
  set(${out} "${result}" PARENT_SCOPE)
endfunction()

function(lanemq_write_statements)
  set(constants "")
  set(rows "")
  foreach(file IN LISTS FILES)
    file(READ "${file}" rest)
    cmake_path(GET file PARENT_PATH folder)
    cmake_path(GET folder FILENAME database)
    string(FIND "${rest}" "-- name: " at)
    while(NOT at EQUAL -1)
      math(EXPR at "${at} + 9")
      string(SUBSTRING "${rest}" ${at} -1 rest)
      string(FIND "${rest}" "-- name: " at)
      string(SUBSTRING "${rest}" 0 ${at} block)
      string(REGEX MATCH "^[a-z0-9_]+" name "${block}")
      if(name STREQUAL "")
        message(FATAL_ERROR "${file}: a statement's name must match [a-z0-9_]+")
      endif()
      set(index "")
      if(block MATCHES "-- uses-index: *([^ \n]+)")
        set(index "${CMAKE_MATCH_1}")
      endif()
      # Not REGEX REPLACE: its ^ matches again after each replacement.
      string(FIND "${block}" "\n" line_end)
      string(SUBSTRING "${block}" ${line_end} -1 body)
      lanemq_strip_sql(body "${body}")
      lanemq_constant_name(constant "${name}")
      string(APPEND constants
             "inline constexpr Statement ${constant}{\"${name}\", R\"sql(${body})sql\"};\n")
      string(APPEND rows "    {${constant}, \"${database}\", \"${index}\"},\n")
    endwhile()
  endforeach()
  file(WRITE "${OUTPUT}" "// Generated from sql/statements; do not edit.
#pragma once

#include \"sql/driver/statement.h\"

namespace lanemq::sql::statements {

${constants}
inline constexpr EmbeddedStatement kAll[] = {
${rows}};

}  // namespace lanemq::sql::statements
")
endfunction()

function(lanemq_migration_rows out)
  set(result "")
  foreach(file IN LISTS ARGN)
    cmake_path(GET file STEM name)
    if(NOT name MATCHES "^0*([0-9]+)_")
      message(FATAL_ERROR "${file}: a migration's name starts with its number")
    endif()
    set(number "${CMAKE_MATCH_1}")
    file(SHA256 "${file}" checksum)
    file(READ "${file}" text)
    lanemq_strip_sql(text "${text}")
    string(APPEND result
           "    {${number}, \"${name}\", \"${checksum}\", R\"sql(${text})sql\"},\n")
  endforeach()
  set(${out} "${result}" PARENT_SCOPE)
endfunction()

function(lanemq_write_migrations)
  lanemq_migration_rows(meta ${META})
  lanemq_migration_rows(node ${NODE})
  lanemq_migration_rows(outbox ${OUTBOX})
  lanemq_migration_rows(inbox ${INBOX})
  file(WRITE "${OUTPUT}" "// Generated from sql/migrations; do not edit.
#pragma once

#include \"sql/migrate/migration.h\"

namespace lanemq::sql::migrations {

inline constexpr Migration kMeta[] = {
${meta}};
inline constexpr Migration kNode[] = {
${node}};
inline constexpr Migration kOutbox[] = {
${outbox}};
inline constexpr Migration kInbox[] = {
${inbox}};

}  // namespace lanemq::sql::migrations
")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  if(MODE STREQUAL "statements")
    lanemq_write_statements()
  else()
    lanemq_write_migrations()
  endif()
endif()
