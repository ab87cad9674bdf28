/* A library, but no handler. */
int answer(void);
int answer(void) { return 42; }
