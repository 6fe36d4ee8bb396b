# ARMv7-A Linux, hard float. Use: cmake -DCMAKE_TOOLCHAIN_FILE=THIS [-DHONE_CPU=cortex-a9
# -DHONE_FPU=neon-fp16] [-DHONE_SYSROOT=DIR]. See README.md.
set(HONE_CPU cortex-a7 CACHE STRING "CPU to compile for (-mcpu)")
set(HONE_FPU neon-vfpv4 CACHE STRING "Floating-point unit to compile for (-mfpu)")
set(HONE_SYSROOT "${CMAKE_SYSROOT}" CACHE PATH "Copy of the board's libraries and headers; empty: Debian's cross libraries")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HONE_CPU HONE_FPU HONE_SYSROOT)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
set(CMAKE_C_FLAGS_INIT "-mcpu=${HONE_CPU} -mfpu=${HONE_FPU} -mfloat-abi=hard")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")

if(HONE_SYSROOT)
  set(CMAKE_SYSROOT "${HONE_SYSROOT}")
  set(hone_target_root "${HONE_SYSROOT}")
else()
  set(hone_target_root /usr/arm-linux-gnueabihf)
  set(CMAKE_FIND_ROOT_PATH ${hone_target_root})
endif()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# The emulated CPU is the one compiled for, so that an instruction it lacks is caught.
find_program(HONE_QEMU_ARM NAMES qemu-arm qemu-arm-static)
if(HONE_QEMU_ARM)
  set(hone_qemu_cpu max)
  if(HONE_CPU MATCHES "^cortex-a(7|8|9|15)$")
    set(hone_qemu_cpu ${HONE_CPU})
  endif()
  set(CMAKE_CROSSCOMPILING_EMULATOR
      "${HONE_QEMU_ARM};-cpu;${hone_qemu_cpu};-L;${hone_target_root}")
endif()
