// The word that somebody probably meant. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::runtime {

// The known word that differs from `given` in one or two letters, at most half of them; two swapped
// letters count as two.
std::optional<std::string> did_you_mean(std::string_view given,
                                        const std::vector<std::string>& known);

}  // namespace headrace::runtime
