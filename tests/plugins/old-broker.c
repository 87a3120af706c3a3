/* As if made before the schema of a source and what follows it existed. */
#define NAME "old-broker"
#define TABLE_END source_schema
#define STATS_END oldest
#include "parrot-broker.c"
