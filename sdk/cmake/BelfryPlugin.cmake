# belfry_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...] [NO_INSTALL])
#
# The loadable plugin <name>.so, in ${CMAKE_LIBRARY_OUTPUT_DIRECTORY} if that is set, else in plugins/ of
# the build tree, installed to where the daemon looks for plugins. It exports its entry symbol and nothing
# else, so that two plugins, or a plugin and the daemon, never take each other's functions for their own.
function(belfry_add_plugin name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;LIBRARIES")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "belfry_add_plugin(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
    endif()

    set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
    add_library(${name} MODULE ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE Belfry::sdk ${arg_LIBRARIES})
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
    target_link_options(
        ${name}
        PRIVATE
        -Wl,-z,now
        -Wl,-z,noexecstack
        -Wl,-z,nodelete
        -Wl,--version-script=${exports}
    )
    if(NOT BELFRY_SANITIZE)
        # A sanitizer's symbols come from the daemon's executable.
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
    set_target_properties(
        ${name}
        PROPERTIES PREFIX ""
                   POSITION_INDEPENDENT_CODE ON
                   C_VISIBILITY_PRESET hidden
                   CXX_VISIBILITY_PRESET hidden
                   VISIBILITY_INLINES_HIDDEN ON
                   LINK_DEPENDS ${exports}
    )
    if(NOT CMAKE_LIBRARY_OUTPUT_DIRECTORY)
        set_target_properties(
            ${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
        )
    endif()
    if(NOT arg_NO_INSTALL)
        install(TARGETS ${name} LIBRARY DESTINATION ${BELFRY_PLUGIN_INSTALL_DIR} COMPONENT plugins)
    endif()
endfunction()
