# belfry_add_library(<name> SOURCES <file>... [PUBLIC <target>...] [PRIVATE <target>...])
#
# A static library of one folder. PUBLIC: what appears in its headers.
function(belfry_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "belfry_add_library(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
    endif()

    string(REGEX REPLACE "^belfry_" "belfry::" alias ${name})
    add_library(${name} STATIC ${arg_SOURCES})
    add_library(${alias} ALIAS ${name})
    target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# belfry_add_test(<name> SOURCES <file>... [LIBRARIES <target>...] [LABELS <label>...])
#
# A GoogleTest program (gmock included); ctest knows each of its tests by name.
function(belfry_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LABELS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "belfry_add_test(${name}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
    endif()

    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
    target_compile_options(
        ${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-gnu-zero-variadic-macro-arguments>
    )
    gtest_discover_tests(
        ${name}
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 120
    )
    if(arg_LABELS)
        # gtest_discover_tests cannot take a list.
        set(labels_file ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
        file(
            CONFIGURE
            OUTPUT ${labels_file}
            CONTENT "set_tests_properties(\${@name@_TESTS} PROPERTIES LABELS \"@arg_LABELS@\")\n"
            @ONLY
        )
        set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels_file})
    endif()
endfunction()
