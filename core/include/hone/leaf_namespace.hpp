#pragma once

// ISA files are compiled with wider instruction sets than the rest of the program. What they
// inline must not be shared with it, or the linker might keep the wide copy for everyone
// (docs/CONTRACT.md says which bits are right, ports/README.md why this macro exists).
#ifndef HONE_LEAF_NS
#define HONE_LEAF_NS generic
#endif
