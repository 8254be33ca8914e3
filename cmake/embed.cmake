# baton_embed(TARGET FILE HEADER FUNCTION): the text of FILE in the target, as the function that HEADER declares:
#   std::string_view baton::FUNCTION();
# Made anew when FILE changes. As a script (cmake -P) this file writes the source.
function(baton_embed target file header function)
  string(MAKE_C_IDENTIFIER ${function} name)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D FILE=${file} -D HEADER=${header} -D FUNCTION=${function} -D SOURCE=${source}
      -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(READ ${FILE} text)
  get_filename_component(name ${FILE} NAME)
  file(WRITE ${SOURCE} "// Made of ${name} by cmake/embed.cmake.
#include \"${HEADER}\"

// A compiler need not take more than 64 KiB; ours do.
#pragma GCC diagnostic ignored \"-Woverlength-strings\"
std::string_view baton::${FUNCTION}() { return R\"embedded(${text})embedded\"; }
")
endif()
