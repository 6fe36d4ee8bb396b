#pragma once
#include <string>

#include "hone/data_fault.hpp"

namespace hone {

/// One line of text: control bytes, which a terminal would obey, as '?'.
std::string one_line(const std::string& text);

/// A name as a shell reads it: between single quotes where it has to be.
std::string shell_word(const std::string& name);

/// A piece of a file fit for a message: at most 80 characters, control bytes as '?'.
std::string printable(Text text);

/// "expected 4096 bytes of pixels, found 4000".
std::string expected_found(const DataFault& fault);

/// "line 3, column 5: expected a number, found 'abc'", or "byte 12: expected ...".
std::string fault_text(const DataFault& fault);

/// "; did you mean shift?" for an unknown word that is near to a known one, else nothing.
std::string did_you_mean(const DataFault& fault);

}  // namespace hone
