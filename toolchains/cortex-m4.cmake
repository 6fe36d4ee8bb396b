# Cortex-M4F and M7 without an operating system, hard float. Use: cmake
# -DCMAKE_TOOLCHAIN_FILE=THIS [-DHONE_CPU=cortex-m7 -DHONE_FPU=fpv5-sp-d16]. See README.md.
set(HONE_CPU cortex-m4 CACHE STRING "CPU to compile for (-mcpu)")
set(HONE_FPU fpv4-sp-d16 CACHE STRING "Floating-point unit to compile for (-mfpu)")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
