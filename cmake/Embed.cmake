# meshctl_embed(MODULE OUTPUT SYMBOL FILE): `extern const std::string_view SYMBOL` in namespace meshctl.
# meshctl_embed_tree(MODULE OUTPUT SYMBOL DIR [GLOB pattern]): `extern const EmbeddedFile SYMBOL[]` and SYMBOL_count,
# names relative to DIR, sorted. See src/base/embedded.hpp.
function(meshctl_embed module output symbol file)
  set(out ${PROJECT_BINARY_DIR}/embedded/${output})
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSYMBOL=${symbol} -DROOT=${PROJECT_SOURCE_DIR} -DFILES=${file} -DSINGLE=1
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedRun.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/${file} ${PROJECT_SOURCE_DIR}/cmake/EmbedRun.cmake VERBATIM)
  target_sources(meshctl_${module} PRIVATE ${out})
endfunction()

function(meshctl_embed_tree module output symbol dir)
  cmake_parse_arguments(PARSE_ARGV 4 ARG "" "GLOB" "")
  if(NOT ARG_GLOB)
    set(ARG_GLOB "*")
  endif()
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${dir} ${PROJECT_SOURCE_DIR}/${dir}/${ARG_GLOB})
  list(SORT files)
  set(depends ${files})
  list(TRANSFORM depends PREPEND ${PROJECT_SOURCE_DIR}/${dir}/)
  list(JOIN files "|" joined)
  set(out ${PROJECT_BINARY_DIR}/embedded/${output})
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSYMBOL=${symbol} -DROOT=${PROJECT_SOURCE_DIR}/${dir} "-DFILES=${joined}"
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedRun.cmake
    DEPENDS ${depends} ${PROJECT_SOURCE_DIR}/cmake/EmbedRun.cmake VERBATIM)
  target_sources(meshctl_${module} PRIVATE ${out})
endfunction()
