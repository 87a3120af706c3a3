# belfry_options: the warnings and the hardening that every target of this repository is built with.

include(CheckPIESupported)
check_pie_supported()

set(BELFRY_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them")
# Plugins: where the install puts them, below the prefix, and where the daemon looks for them.
set(BELFRY_PLUGIN_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/belfry/plugins)
set(BELFRY_PLUGIN_DIR ${CMAKE_INSTALL_FULL_LIBDIR}/belfry/plugins)

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(belfry_options INTERFACE)
target_include_directories(belfry_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(
    belfry_options
    INTERFACE
        -Wall
        -Wextra
        -Wpedantic
        -Wshadow
        -Wconversion
        -Wformat=2
        $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
        # -Wconversion of clang includes it, that of g++ does not.
        $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-sign-conversion>
        # What a designated initialiser leaves out has its default.
        $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-missing-designated-field-initializers>
        # g++ 12 is wrong about std::expected and std::optional when it optimises.
        $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>
        # In a unity build (the sanitizers' presets: a third of the time) a class of a .cpp seems to be one of a header.
        $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-Wno-subobject-linkage>
        # std::stable_sort of libstdc++ 12 calls a function that is deprecated.
        $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-deprecated-declarations>
)
target_compile_definitions(
    belfry_options INTERFACE _GLIBCXX_ASSERTIONS BOOST_ASIO_NO_DEPRECATED BOOST_DLL_USE_STD_FS
)

if(BELFRY_SANITIZE)
    # g++ 12 warns on every atomic_thread_fence under TSan.
    target_compile_options(
        belfry_options
        INTERFACE -fsanitize=${BELFRY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-tsan>
    )
    if(BELFRY_SANITIZE MATCHES "undefined")
        # Its vptr check opens a pipe, and reports an error where no descriptor is left, which a test provokes.
        target_compile_options(belfry_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr>)
    endif()
    target_link_options(belfry_options INTERFACE -fsanitize=${BELFRY_SANITIZE})
else()
    target_compile_options(
        belfry_options
        INTERFACE -fstack-protector-strong
                  -fstack-clash-protection
                  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>
                  # Needs optimisation.
                  $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE
                  -D_FORTIFY_SOURCE=3>
    )
endif()
target_link_options(belfry_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
