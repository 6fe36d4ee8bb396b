# Cortex-M3 without an operating system; float in software. Use: cmake
# -DCMAKE_TOOLCHAIN_FILE=THIS. See README.md.
set(HONE_CPU cortex-m3 CACHE STRING "CPU to compile for (-mcpu)")
set(HONE_FPU "" CACHE STRING "Floating-point unit to compile for (-mfpu); empty: none")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
