# baton_embed_folder(TARGET FOLDER HEADER FUNCTION): the texts of all files of FOLDER in the target, as the function that
# HEADER declares:   std::span<const baton::EmbeddedFile> baton::FUNCTION();
# Made anew when one of them changes, comes or goes. As a script (cmake -P) this file writes the source.
function(baton_embed_folder target folder header function)
  string(MAKE_C_IDENTIFIER ${function} name)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D FOLDER=${folder} -D HEADER=${header} -D FUNCTION=${function} -D SOURCE=${source}
      -P ${PROJECT_SOURCE_DIR}/cmake/embed_folder.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_folder.cmake VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(GLOB files ${FOLDER}/*)
  file(WRITE ${SOURCE} "// Made of the files of a folder by cmake/embed_folder.cmake.
#include \"${HEADER}\"

// A compiler need not take more than 64 KiB; ours do.
#pragma GCC diagnostic ignored \"-Woverlength-strings\"
static constexpr baton::EmbeddedFile kFiles[] = {
")
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    file(READ ${file} text)
    file(APPEND ${SOURCE} "{\"${name}\", R\"embedded(${text})embedded\"},
")
  endforeach()
  file(APPEND ${SOURCE} "};
std::span<const baton::EmbeddedFile> baton::${FUNCTION}() { return kFiles; }
")
endif()
