/* The schema of its sources has a keyword that is none. */
#define NAME "odd-source"
#define SOURCE_SCHEMA "{\"type\":\"object\",\"oneOf\":[]}"
#include "parrot-broker.c"
