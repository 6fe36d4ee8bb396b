#include "leaves.hpp"
