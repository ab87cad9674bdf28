/* Built for an ABI that does not exist yet. */
#include <headrace/function.h>

static int handle(void* state, const hr_context* context) {
  (void)state;
  (void)context;
  return 0;
}

const hr_function* headrace_function_v1(const hr_host* host) {
  static const hr_function description = {
      sizeof(hr_function), 9, 0, "other_abi", "1", "C", 0, 0, 0, handle, 0};
  (void)host;
  return &description;
}
