#define _GNU_SOURCE
#include "libtiff.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

static _Thread_local char first[256];

static void hear(void *client, const char *module, const char *format, va_list args) {
	if (!first[0])
		vsnprintf(first, sizeof first, format, args);
}

// leptonica loads libtiff but does not export it, hence the look-up by name.
void listenToLibtiff(void) {
	typedef void *(*set)(void *);
	set s;
	if ((s = (set)dlsym(RTLD_DEFAULT, "TIFFSetWarningHandler")))
		s(0);
	if ((s = (set)dlsym(RTLD_DEFAULT, "TIFFSetErrorHandler")))
		s(0);
	// leptonica takes the handlers above away whenever it opens a file, and leaves this one.
	if ((s = (set)dlsym(RTLD_DEFAULT, "TIFFSetErrorHandlerExt")))
		s((void *)hear);
}

void forgetComplaints(void) { first[0] = 0; }
const char *complaint(void) { return first; }
