# What the Cortex-M toolchain files share. They include it; it is none by itself.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HONE_CPU HONE_FPU)

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${HONE_CPU})
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # nothing links without a board's start-up
set(CMAKE_C_FLAGS_INIT "-mcpu=${HONE_CPU} -mthumb -ffunction-sections -fdata-sections")
if(HONE_FPU)
  string(APPEND CMAKE_C_FLAGS_INIT " -mfpu=${HONE_FPU} -mfloat-abi=hard")
endif()
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--gc-sections")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Arm's MPS2 boards, one for each of these cores. ctest appends the image, so -kernel comes last.
set(hone_board_cortex-m3 mps2-an385)
set(hone_board_cortex-m4 mps2-an386)
set(hone_board_cortex-m7 mps2-an500)
find_program(HONE_QEMU_SYSTEM_ARM NAMES qemu-system-arm)
if(HONE_QEMU_SYSTEM_ARM AND DEFINED hone_board_${HONE_CPU})
  set(CMAKE_CROSSCOMPILING_EMULATOR
      "${HONE_QEMU_SYSTEM_ARM};-M;${hone_board_${HONE_CPU}};-nographic;-monitor;none;-serial;none"
      "-semihosting-config;enable=on,target=native;-kernel")
endif()
