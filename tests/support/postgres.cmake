# The ctest fixture `postgres`: one server for all tests of this build directory that ask for it.
#
# A test that asks for it finds the server's address in the file that BELFRY_POSTGRES_FILE names. Where PostgreSQL is not
# installed there is no such file, and the test skips itself.

set(BELFRY_POSTGRES_DIR ${CMAKE_BINARY_DIR}/postgres)
set(BELFRY_POSTGRES_ENVIRONMENT
    BELFRY_POSTGRES_FILE=${BELFRY_POSTGRES_DIR}/conninfo
    BELFRY_POSTGRES_TEMPLATE=${BELFRY_POSTGRES_DIR}/template
    LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/postgres.supp:print_suppressions=0
)

add_test(NAME postgres.start COMMAND ${PROJECT_SOURCE_DIR}/tests/support/postgres start --fresh
                                     ${BELFRY_POSTGRES_DIR}
)
add_test(NAME postgres.stop COMMAND ${PROJECT_SOURCE_DIR}/tests/support/postgres stop --remove
                                    ${BELFRY_POSTGRES_DIR}
)
set_tests_properties(
    postgres.start postgres.stop
    PROPERTIES
        TIMEOUT 120
        SKIP_RETURN_CODE 77
        ENVIRONMENT "${BELFRY_POSTGRES_ENVIRONMENT}"
)
set_tests_properties(postgres.start PROPERTIES FIXTURES_SETUP postgres)
set_tests_properties(postgres.stop PROPERTIES FIXTURES_CLEANUP postgres)

# belfry_needs_postgres(<test program>)
function(belfry_needs_postgres name)
    # As in belfry_add_test: gtest_discover_tests cannot take a list.
    set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}_postgres.cmake)
    file(
        CONFIGURE
        OUTPUT ${file}
        CONTENT
            "set_tests_properties(\${@name@_TESTS} PROPERTIES FIXTURES_REQUIRED postgres ENVIRONMENT \"@BELFRY_POSTGRES_ENVIRONMENT@\")\n"
        @ONLY
    )
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${file})
    target_link_libraries(${name} PRIVATE belfry_test_postgres)
endfunction()

# What such tests use: tests/support/postgres.hpp and tests/support/cut_proxy.hpp.
pkg_check_modules(libpqxx REQUIRED IMPORTED_TARGET libpqxx)
add_library(
    belfry_test_postgres STATIC ${CMAKE_CURRENT_LIST_DIR}/cut_proxy.cpp
                                ${CMAKE_CURRENT_LIST_DIR}/postgres.cpp
)
target_link_libraries(belfry_test_postgres PRIVATE PkgConfig::libpqxx)
target_compile_definitions(
    belfry_test_postgres
    PRIVATE BELFRY_TEST_POSTGRES="${PROJECT_SOURCE_DIR}/tests/support/postgres"
)
