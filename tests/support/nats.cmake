# The ctest fixture `nats`: one server for all tests of this build directory that ask for it.
#
# A test that asks for it finds the server's URL in the file that BELFRY_NATS_FILE names. Where nats-server is not
# installed there is no such file, and the test skips itself.

set(BELFRY_NATS_DIR ${CMAKE_BINARY_DIR}/nats)
set(BELFRY_NATS_ENVIRONMENT BELFRY_NATS_FILE=${BELFRY_NATS_DIR}/url)

add_test(NAME nats.start COMMAND ${PROJECT_SOURCE_DIR}/tests/support/nats start --fresh ${BELFRY_NATS_DIR})
add_test(NAME nats.stop COMMAND ${PROJECT_SOURCE_DIR}/tests/support/nats stop --remove ${BELFRY_NATS_DIR})
set_tests_properties(nats.start nats.stop PROPERTIES TIMEOUT 60 SKIP_RETURN_CODE 77)
set_tests_properties(nats.start PROPERTIES FIXTURES_SETUP nats)
set_tests_properties(nats.stop PROPERTIES FIXTURES_CLEANUP nats)

# What tests use that start servers of their own: tests/support/nats.hpp.
add_library(belfry_test_nats STATIC ${CMAKE_CURRENT_LIST_DIR}/nats.cpp)
target_link_libraries(belfry_test_nats PUBLIC PkgConfig::libnats Boost::json)
target_compile_definitions(
    belfry_test_nats PRIVATE BELFRY_TEST_NATS="${PROJECT_SOURCE_DIR}/tests/support/nats"
)
