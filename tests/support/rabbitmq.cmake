# The ctest fixture `rabbitmq`: one server for all tests of this build directory that ask for it.
#
# A test that asks for it finds the server's folder in BELFRY_RABBITMQ_DIR (see tests/support/rabbitmq). Where RabbitMQ is
# not installed there is no file `url` in it, and the test skips itself.

set(BELFRY_RABBITMQ_DIR ${CMAKE_BINARY_DIR}/rabbitmq)
set(BELFRY_RABBITMQ_ENVIRONMENT BELFRY_RABBITMQ_DIR=${BELFRY_RABBITMQ_DIR})

add_test(NAME rabbitmq.start COMMAND ${PROJECT_SOURCE_DIR}/tests/support/rabbitmq start --fresh --tls
                                     ${BELFRY_RABBITMQ_DIR}
)
add_test(NAME rabbitmq.stop COMMAND ${PROJECT_SOURCE_DIR}/tests/support/rabbitmq stop --remove
                                    ${BELFRY_RABBITMQ_DIR}
)
set_tests_properties(
    rabbitmq.start rabbitmq.stop PROPERTIES TIMEOUT 180 SKIP_RETURN_CODE 77
)
set_tests_properties(rabbitmq.start PROPERTIES FIXTURES_SETUP rabbitmq)
set_tests_properties(rabbitmq.stop PROPERTIES FIXTURES_CLEANUP rabbitmq)

# belfry_needs_rabbitmq(<test program>)
function(belfry_needs_rabbitmq name)
    # As in belfry_add_test: gtest_discover_tests cannot take a list.
    set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}_rabbitmq.cmake)
    file(
        CONFIGURE
        OUTPUT ${file}
        CONTENT
            "set_tests_properties(\${@name@_TESTS} PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED rabbitmq ENVIRONMENT \"@BELFRY_RABBITMQ_ENVIRONMENT@\")\n"
        @ONLY
    )
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${file})
    target_link_libraries(${name} PRIVATE belfry_test_rabbitmq)
endfunction()

# What such tests use: tests/support/rabbitmq_server.hpp, rabbitmq_client.hpp and rabbitmq_relay.hpp.
add_library(
    belfry_test_rabbitmq STATIC
    ${CMAKE_CURRENT_LIST_DIR}/rabbitmq_client.cpp ${CMAKE_CURRENT_LIST_DIR}/rabbitmq_relay.cpp
    ${CMAKE_CURRENT_LIST_DIR}/rabbitmq_server.cpp
)
target_link_libraries(belfry_test_rabbitmq PUBLIC PkgConfig::librabbitmq)
target_compile_definitions(
    belfry_test_rabbitmq
    PRIVATE BELFRY_TEST_RABBITMQ="${PROJECT_SOURCE_DIR}/tests/support/rabbitmq"
)
