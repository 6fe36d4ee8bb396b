#include <cstddef>

// The C library's functions that the compiler calls by itself, in a tenth of newlib's bytes. Built
// without the optimisation that would make of each loop a call of itself.
extern "C" {

// Of any address: these cores load and store unaligned words.
using Word = unsigned __attribute__((may_alias, aligned(1)));

void* memcpy(void* to, const void* from, std::size_t n) {
  Word* t = static_cast<Word*>(to);
  const Word* f = static_cast<const Word*>(from);
  while (n >= sizeof(Word)) {
    *t++ = *f++;
    n -= sizeof(Word);
  }
  char* rest = reinterpret_cast<char*>(t);
  for (const char* last = reinterpret_cast<const char*>(f); n != 0; --n) *rest++ = *last++;
  return to;
}

void* memset(void* to, int value, std::size_t n) {
  char* t = static_cast<char*>(to);
  while (n-- != 0) *t++ = static_cast<char>(value);
  return to;
}

}  // extern "C"
