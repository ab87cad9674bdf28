/* Calls a function that nobody has. Linked without -z defs, as careless builds are. */
#include <headrace/function.h>

void a_function_that_nobody_has(void);

const hr_function* headrace_function_v1(const hr_host* host) {
  (void)host;
  a_function_that_nobody_has();
  return 0;
}
