// Sizes that keep a file readable in one sitting.
#pragma once

#include "tests/tidy/source_text.hpp"

namespace headrace::tidy {

inline constexpr int kFunctionLinesMax = 60;
inline constexpr int kSourceLinesMax = 500;
inline constexpr int kHeaderLinesMax = 250;

Findings check_file_size(const SourceFile& file);

// Signature to closing brace; lambdas count to the function around them.
Findings check_function_sizes(const SourceFile& file);

}  // namespace headrace::tidy
