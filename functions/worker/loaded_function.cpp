#include "functions/worker/loaded_function.hpp"

#include <dlfcn.h>

namespace headrace::worker {

namespace {

using EntryPoint = const hr_function* (*)(const hr_host*);
constexpr char kEntryPointName[] = "headrace_function_v1";

std::string or_empty(const char* text) { return text != nullptr ? text : ""; }

// Empty when the host can run it.
std::string find_problem(const hr_function* description) {
  if (description == nullptr) return "it refuses this version of headrace";
  if (description->abi_major != HR_ABI_MAJOR) {
    return "it was built for handler ABI " + std::to_string(description->abi_major) +
           ", this worker speaks " + std::to_string(HR_ABI_MAJOR);
  }
  if (!HR_HAS(hr_function, description, shutdown)) return "its description is cut short";
  if (description->handle == nullptr) return "its description names no handle function";
  if (description->flags != 0) return "it asks for features this version does not have";
  return "";
}

}  // namespace

std::string LoadedFunction::name() const { return or_empty(description->name); }
std::string LoadedFunction::version() const { return or_empty(description->version); }
std::string LoadedFunction::sdk() const { return or_empty(description->sdk); }

LoadedFunction load_function(const std::string& path, const hr_host& host) {
  // NOW: a missing symbol is an error here, not the end of the process at the first call.
  // LOCAL: nothing of the handler replaces a symbol of anybody else.
  // A name without a slash would be looked for where the system's libraries are.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {nullptr, or_empty(dlerror())};
  const auto entry = reinterpret_cast<EntryPoint>(dlsym(library, kEntryPointName));
  if (entry == nullptr) {
    return {nullptr, std::string("it does not export ") + kEntryPointName +
                         " (is HEADRACE_FUNCTION missing?)"};
  }
  const hr_function* description = entry(&host);
  std::string problem = find_problem(description);
  if (!problem.empty()) return {nullptr, std::move(problem)};
  return {description, ""};
}

}  // namespace headrace::worker
