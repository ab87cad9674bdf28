// The texts that FunctionApi answers with. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "functions/function.hpp"
#include "runtime/invocation_report.hpp"
#include "runtime/version_history.hpp"

namespace headrace::runtime {

// Of the log of one invocation, in its answer: the end of it. `headrace logs` has the rest.
inline constexpr std::size_t kInvokeLogBytesMax = std::size_t{64} << 10;

// What an invocation came to: outcome, answer, error, failed records, the end of its log `lines`.
std::string render_invocation(const InvocationReport& report,
                              const std::vector<std::string>& lines);

using FunctionTable = std::map<std::string, std::unique_ptr<functions::Function>, std::less<>>;

std::string render_functions(const FunctionTable& functions);

// The function, and its versions where it has some, the newest first.
std::string render_function(const functions::Function& function, const VersionHistory* history);

std::string render_version(const FunctionVersion& version);

}  // namespace headrace::runtime
