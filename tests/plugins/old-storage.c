/* As if made before claim and what follows it existed. */
#define NAME "old-storage"
#define TABLE_END claim
#include "rogue-storage.c"
