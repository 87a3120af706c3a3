/* A storage that cannot find documents is none. */
#define NAME "bare-storage"
#define TABLE_END find
#include "rogue-storage.c"
