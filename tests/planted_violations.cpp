// What core and the ports' instruction-set files must not contain, so that the checks of their
// symbols can be seen to find it.
#include <cmath>
#include <cstdlib>

namespace hone {

__attribute__((noinline)) inline float shared_with_the_program(float x) { return std::exp(x); }

float* hidden_state(float x);
float* hidden_state(float x) {
  static float* memory = nullptr;
  if (!memory) memory = static_cast<float*>(std::malloc(sizeof(float)));
  *memory = shared_with_the_program(x);
  return memory;
}

}  // namespace hone
