# NATS for tests: tests/support/nats.hpp. A test starts servers of its own, which takes less than 0.1 s; where
# nats-server is not installed, it skips itself.

pkg_check_modules(libnats REQUIRED IMPORTED_TARGET libnats)
add_library(belfry_test_nats STATIC ${CMAKE_CURRENT_LIST_DIR}/nats.cpp)
target_link_libraries(belfry_test_nats PUBLIC PkgConfig::libnats Boost::json)
target_compile_definitions(
    belfry_test_nats PRIVATE BELFRY_TEST_NATS="${PROJECT_SOURCE_DIR}/tests/support/nats"
)
