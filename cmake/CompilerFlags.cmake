# Warnings, hardening and sanitizers, carried by the interface target `footfall_flags`, which every
# target of ours links. Third-party sources (llhttp) do not.
add_library(footfall_flags INTERFACE)

target_compile_definitions(footfall_flags INTERFACE _GNU_SOURCE FOOTFALL_VERSION="${PROJECT_VERSION}")
target_compile_options(footfall_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
  -Wmissing-prototypes -Wcast-qual -Wundef -Wvla -Wformat=2 -Wnull-dereference -Wswitch-enum
  -fno-common)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(footfall_flags INTERFACE -Wduplicated-cond -Wduplicated-branches -Wlogical-op)
endif()
if(FOOTFALL_WERROR)
  target_compile_options(footfall_flags INTERFACE -Werror)
endif()

# The layers tell the fuzzers which of their branches an input took; without that they guess.
if(FOOTFALL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(FOOTFALL_SANITIZE)
  add_compile_options(-fsanitize=${FOOTFALL_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FOOTFALL_SANITIZE})
  # Some 230 programs of tests: GNU ld takes as long for them as the compiler for the sources.
  find_program(MOLD mold)
  if(MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection -U_FORTIFY_SOURCE
    -D_FORTIFY_SOURCE=3)
  add_link_options(-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
