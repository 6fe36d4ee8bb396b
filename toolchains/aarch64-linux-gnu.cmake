# AArch64 Linux. Use: cmake -DCMAKE_TOOLCHAIN_FILE=THIS [-DHONE_CPU=cortex-a72]
# [-DHONE_SYSROOT=DIR]. See README.md.
set(HONE_CPU cortex-a53 CACHE STRING "CPU to compile for (-mcpu)")
set(HONE_SYSROOT "${CMAKE_SYSROOT}" CACHE PATH "Copy of the board's libraries and headers; empty: Debian's cross libraries")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HONE_CPU HONE_SYSROOT)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_C_FLAGS_INIT "-mcpu=${HONE_CPU}")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")

if(HONE_SYSROOT)
  set(CMAKE_SYSROOT "${HONE_SYSROOT}")
  set(hone_target_root "${HONE_SYSROOT}")
else()
  set(hone_target_root /usr/aarch64-linux-gnu)
  set(CMAKE_FIND_ROOT_PATH ${hone_target_root})
endif()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# The emulated CPU is the one compiled for, so that an instruction it lacks is caught.
find_program(HONE_QEMU_AARCH64 NAMES qemu-aarch64 qemu-aarch64-static)
if(HONE_QEMU_AARCH64)
  set(hone_qemu_cpu max)
  if(HONE_CPU MATCHES "^cortex-a(35|53|57|72|76)$")
    set(hone_qemu_cpu ${HONE_CPU})
  endif()
  set(CMAKE_CROSSCOMPILING_EMULATOR
      "${HONE_QEMU_AARCH64};-cpu;${hone_qemu_cpu};-L;${hone_target_root}")
endif()
