# The ctest fixture `kafka`: one server for all tests of this build directory that ask for it.
#
# A test that asks for it finds the server's folder in BELFRY_KAFKA_DIR (see tests/support/kafka/server). Where Java or
# the jars of Apache Kafka are missing there is no file `brokers` in it, and the test skips itself.

set(BELFRY_KAFKA_DIR ${CMAKE_BINARY_DIR}/kafka)
set(BELFRY_KAFKA_ENVIRONMENT BELFRY_KAFKA_DIR=${BELFRY_KAFKA_DIR})
set(BELFRY_KAFKA_SERVER ${CMAKE_CURRENT_LIST_DIR}/kafka/server)

add_test(NAME kafka.start COMMAND ${BELFRY_KAFKA_SERVER} start --fresh ${BELFRY_KAFKA_DIR})
add_test(NAME kafka.stop COMMAND ${BELFRY_KAFKA_SERVER} stop --remove ${BELFRY_KAFKA_DIR})
set_tests_properties(kafka.start kafka.stop PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
set_tests_properties(kafka.start PROPERTIES FIXTURES_SETUP kafka)
set_tests_properties(kafka.stop PROPERTIES FIXTURES_CLEANUP kafka)

# belfry_needs_kafka(<test program>)
function(belfry_needs_kafka name)
    # As in belfry_add_test: gtest_discover_tests cannot take a list.
    set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}_kafka.cmake)
    file(
        CONFIGURE
        OUTPUT ${file}
        CONTENT
            "set_tests_properties(\${@name@_TESTS} PROPERTIES FIXTURES_REQUIRED kafka ENVIRONMENT \"@BELFRY_KAFKA_ENVIRONMENT@\")\n"
        @ONLY
    )
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${file})
    target_compile_definitions(${name} PRIVATE BELFRY_TEST_KAFKA="${BELFRY_KAFKA_SERVER}")
endfunction()
