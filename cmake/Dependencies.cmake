# Every library here has a line in docs/decisions/0002-dependencies.md.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)

# By hand: the package file of Debian 12 asks for the programs of libzip too.
find_path(LIBZIP_INCLUDE zip.h REQUIRED)
find_library(LIBZIP_LIBRARY zip REQUIRED)
add_library(libzip INTERFACE)
target_include_directories(libzip SYSTEM INTERFACE ${LIBZIP_INCLUDE})
target_link_libraries(libzip INTERFACE ${LIBZIP_LIBRARY})

# Asio header-only, epoll; no deprecated names.
add_library(headrace_asio INTERFACE)
target_link_libraries(headrace_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(headrace_asio INTERFACE BOOST_ASIO_NO_DEPRECATED)

# llhttp comes as C sources in Debian's node-llhttp.
find_path(LLHTTP_INCLUDE llhttp/llhttp.h PATHS /usr/share/include REQUIRED)
set(LLHTTP_SOURCES /usr/share/llhttp CACHE PATH "llhttp's C sources")
add_library(llhttp STATIC
  ${LLHTTP_SOURCES}/api.c ${LLHTTP_SOURCES}/http.c ${LLHTTP_SOURCES}/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE} ${LLHTTP_INCLUDE}/llhttp)
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -w -O2)
