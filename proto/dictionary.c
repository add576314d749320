/* dictionary.c - placeholder content until the next commit of this file. */
#include "dictionary.h"
const char dictionary_1[] = "x";
const size_t dictionary_1_len = 1;
