# Everything comes from Debian's packages; `./dev setup` installs them.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(simdjson REQUIRED)
find_package(RocksDB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(CURL REQUIRED)
find_package(pugixml REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)
find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)

add_library(tidemark_asio INTERFACE)
target_link_libraries(tidemark_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(tidemark_asio INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ASIO_HAS_CO_AWAIT)
if(TIDEMARK_SANITIZE MATCHES "thread")
  # ThreadSanitizer knows no bare fences. Asio's queues are under mutexes, which order all that we rely on.
  target_compile_definitions(tidemark_asio INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# llhttp: C sources compiled from the installed package, never copied.
set(LLHTTP_DIR /usr/share/llhttp)
add_library(llhttp STATIC ${LLHTTP_DIR}/api.c ${LLHTTP_DIR}/http.c ${LLHTTP_DIR}/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC /usr/share/include/llhttp)
target_compile_options(llhttp PRIVATE -w)
set_target_properties(llhttp PROPERTIES UNITY_BUILD OFF)
