# baton_layer(NAME SOURCES ... LINK ...): one library a folder of controller/. What it links is what it may include;
# tests/unit/layers checks the #include lines against the same arrows.
function(baton_layer name)
  cmake_parse_arguments(L "" "" "SOURCES;LINK" ${ARGN})
  add_library(baton_${name} STATIC ${L_SOURCES})
  target_include_directories(baton_${name} PUBLIC ${PROJECT_SOURCE_DIR}/controller)
  target_link_libraries(baton_${name} PUBLIC ${L_LINK} PRIVATE baton_flags)
endfunction()
