#include "ports/dispatch.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <string>

TEST_CASE("available_kernels: portable is there, every table has its own name") {
  const auto all = hone::available_kernels();
  bool portable = false;
  for (std::size_t i = 0; i < all.size; ++i) {
    portable = portable || all[i] == &hone::portable::kKernels;
    for (std::size_t j = 0; j < i; ++j) CHECK(std::strcmp(all[i]->name, all[j]->name) != 0);
  }
  CHECK(portable);
  CHECK(std::strcmp(hone::portable::kKernels.name, "portable") == 0);
}

TEST_CASE("every table has every entry") {
  static_assert(sizeof(hone::Kernels) % sizeof(void*) == 0, "a table is pointers only");
  for (const hone::Kernels* port : hone::available_kernels()) {
    const void* entry[sizeof(hone::Kernels) / sizeof(void*)];
    std::memcpy(entry, port, sizeof entry);
    for (const void* e : entry) CHECK(e != nullptr);
  }
}

TEST_CASE("kernels: the choice is one of the available tables and stays the same") {
  const hone::Kernels& chosen = hone::kernels();
  bool found = false;
  for (const hone::Kernels* port : hone::available_kernels()) found = found || port == &chosen;
  CHECK(found);
  CHECK(&hone::kernels() == &chosen);
}

TEST_CASE("HONE_ISA: a name that is not there is a problem, one that is there is none") {
  const char* const before = std::getenv("HONE_ISA");
  const std::string kept = before ? before : "";
  for (const hone::Kernels* port : hone::available_kernels()) {
    setenv("HONE_ISA", port->name, 1);
    CHECK(hone::isa_request_problem() == nullptr);
  }
  setenv("HONE_ISA", "sse9", 1);
  CHECK(hone::isa_request_problem() != nullptr);
  unsetenv("HONE_ISA");
  CHECK(hone::isa_request_problem() == nullptr);
  if (before) setenv("HONE_ISA", kept.c_str(), 1);
}
