/* A SANE backend that does what backends do on bad days. FAULT says what and at which
   sheet: "segv:2". FEED says how many sheets lie in the feeder (3). It is built and
   loaded by the tests only. Sheets are 80 by 100 pixels of the sheet's number. */
#include <fcntl.h>
#include <sane/sane.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT, GROUP, SOURCE, MODE, RESOLUTION, TLX, TLY, BRX, BRY, SERIAL, SPEED, DUPLEX, FOCUS, OPTIONS };
#define WIDTH 80
#define LINES 100

static char source[40] = "Flatbed", mode[40] = "Gray", serial[16] = " A-1234 ";
static SANE_Word resolution = 100, corner[4] = {0, 0, WIDTH, LINES}, speed = 5, duplex = 0, focus = 0;
static SANE_String_Const sources[] = {"Flatbed", "ADF Back", "ADF Duplex", "Automatic Document Feeder (left)", "Dia f\xfcr Film", NULL};
static SANE_String_Const modes[] = {"Halftone Lineart", "Lineart", "True Gray", "Gray", "24bit Color", NULL};
static SANE_Word resolutions[] = {4, 75, 100, 150, 300};
static SANE_Range across = {0, WIDTH, 0}, any = {0, 10, 1};
static int sheets, sent, warm;
static volatile sig_atomic_t cancelled;
static SANE_Option_Descriptor options[OPTIONS];

static int fault(const char *what)
{
	const char *f = getenv("FAULT");
	size_t n = strlen(what);
	if (!f || strncmp(f, what, n) || (f[n] && f[n] != ':')) return 0;
	return f[n] == ':' ? atoi(f + n + 1) == sheets : 1;
}

static void forever(void) { for (;;) pause(); }

static int feeding(void) { return strcmp(source, "Flatbed") || fault("nosource"); }

static void option(int i, const char *name, SANE_Value_Type type, SANE_Unit unit, int size, int cap)
{
	options[i].name = name, options[i].title = name, options[i].desc = "", options[i].type = type;
	options[i].unit = unit, options[i].size = size, options[i].cap = cap;
}

SANE_Status sane_fault_init(SANE_Int *version, SANE_Auth_Callback a)
{
	int i, set = SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT;
	if (version) *version = SANE_VERSION_CODE(1, 0, 7);
	option(COUNT, "", SANE_TYPE_INT, 0, 4, SANE_CAP_SOFT_DETECT);
	option(GROUP, "", SANE_TYPE_GROUP, 0, 0, 0);
	option(SOURCE, "source", SANE_TYPE_STRING, 0, 40, set);
	options[SOURCE].constraint_type = SANE_CONSTRAINT_STRING_LIST, options[SOURCE].constraint.string_list = sources;
	option(MODE, "mode", SANE_TYPE_STRING, 0, 40, set);
	options[MODE].constraint_type = SANE_CONSTRAINT_STRING_LIST, options[MODE].constraint.string_list = modes;
	option(RESOLUTION, "resolution", SANE_TYPE_INT, SANE_UNIT_DPI, 4, set);
	options[RESOLUTION].constraint_type = SANE_CONSTRAINT_WORD_LIST, options[RESOLUTION].constraint.word_list = resolutions;
	option(TLX, "tl-x", SANE_TYPE_INT, SANE_UNIT_PIXEL, 4, set);
	option(TLY, "tl-y", SANE_TYPE_INT, SANE_UNIT_PIXEL, 4, set);
	option(BRX, "br-x", SANE_TYPE_INT, SANE_UNIT_PIXEL, 4, set);
	option(BRY, "br-y", SANE_TYPE_INT, SANE_UNIT_PIXEL, 4, set);
	for (i = TLX; i <= BRY; i++) options[i].constraint_type = SANE_CONSTRAINT_RANGE, options[i].constraint.range = &across;
	option(SERIAL, "serial-number", SANE_TYPE_STRING, 0, 16, SANE_CAP_SOFT_DETECT);
	option(SPEED, "speed", SANE_TYPE_INT, 0, 4, set);
	options[SPEED].constraint_type = SANE_CONSTRAINT_RANGE, options[SPEED].constraint.range = &any;
	option(DUPLEX, "duplex", SANE_TYPE_BOOL, 0, 4, set);
	option(FOCUS, "focus", SANE_TYPE_INT, 0, 4, set | SANE_CAP_AUTOMATIC);
	if (fault("nosource")) options[SOURCE].cap |= SANE_CAP_INACTIVE;
	return fault("init") ? SANE_STATUS_IO_ERROR : SANE_STATUS_GOOD;
}

void sane_fault_exit(void) { if (fault("exit-hang")) forever(); if (fault("exit-segv")) raise(SIGSEGV); }

SANE_Status sane_fault_get_devices(const SANE_Device ***list, SANE_Bool local)
{
	static SANE_Device a = {"a", "Acme", "Fault", "sheetfed scanner"};
	static const SANE_Device *all[] = {&a, NULL};
	if (fault("devices-hang")) forever();
	if (fault("devices-segv")) *(volatile int *)8 = 1;
	printf("a driver prints where it likes {\"final\":true}\n");
	fflush(stdout);
	*list = all;
	return SANE_STATUS_GOOD;
}

SANE_Status sane_fault_open(SANE_String_Const name, SANE_Handle *h)
{
	if (fault("open-hang")) forever();
	if (fault("open-busy")) return SANE_STATUS_DEVICE_BUSY;
	if (fault("open-denied")) return SANE_STATUS_ACCESS_DENIED;
	if (strcmp(name, "a") && *name) return SANE_STATUS_INVAL;
	*h = (SANE_Handle)1;
	return SANE_STATUS_GOOD;
}

void sane_fault_close(SANE_Handle h) { if (fault("close-segv")) raise(SIGSEGV); }

const SANE_Option_Descriptor *sane_fault_get_option_descriptor(SANE_Handle h, SANE_Int i) { return i >= 0 && i < OPTIONS ? options + i : NULL; }

static void *place(int i)
{
	static SANE_Word count = OPTIONS;
	switch (i) {
	case COUNT: return &count;
	case SOURCE: return source;
	case MODE: return mode;
	case RESOLUTION: return &resolution;
	case SERIAL: return serial;
	case SPEED: return &speed;
	case DUPLEX: return &duplex;
	case FOCUS: return &focus;
	}
	return i >= TLX && i <= BRY ? &corner[i - TLX] : NULL;
}

SANE_Status sane_fault_control_option(SANE_Handle h, SANE_Int i, SANE_Action action, void *value, SANE_Int *info)
{
	void *at = place(i);
	if (info) *info = 0;
	if (!at) return SANE_STATUS_INVAL;
	if (action == SANE_ACTION_GET_VALUE) memcpy(value, at, options[i].size);
	else if (action == SANE_ACTION_SET_AUTO) focus = 7;
	else {
		if (options[i].type == SANE_TYPE_STRING) strcpy(at, value);
		else memcpy(at, value, options[i].size);
		if (i == SPEED && speed > 8) strcpy(mode, "Lineart"), *info = SANE_INFO_RELOAD_OPTIONS; /* undoes a setting */
	}
	return SANE_STATUS_GOOD;
}

SANE_Status sane_fault_get_parameters(SANE_Handle h, SANE_Parameters *p)
{
	p->format = SANE_FRAME_GRAY, p->last_frame = SANE_TRUE, p->depth = 8;
	p->pixels_per_line = p->bytes_per_line = corner[2] - corner[0], p->lines = corner[3] - corner[1];
	if (fault("depth")) p->depth = 12;
	if (fault("jpeg")) p->format = 0x0B;
	if (fault("stride")) p->bytes_per_line = 10;
	if (fault("endless")) p->lines = -1;
	return SANE_STATUS_GOOD;
}

SANE_Status sane_fault_start(SANE_Handle h)
{
	int feed = getenv("FEED") ? atoi(getenv("FEED")) : 3;
	cancelled = 0;
	if (fault("warming") && warm++ < 3) return 12;
	if (feeding() && sheets >= feed) return SANE_STATUS_NO_DOCS;
	sheets++, sent = 0;
	if (fault("start-hang")) forever();
	if (fault("start-jam")) return SANE_STATUS_JAMMED;
	if (fault("start-inval")) return SANE_STATUS_INVAL;
	return SANE_STATUS_GOOD;
}

SANE_Status sane_fault_read(SANE_Handle h, SANE_Byte *data, SANE_Int most, SANE_Int *n)
{
	SANE_Parameters p;
	int total, half;
	*n = 0;
	sane_fault_get_parameters(h, &p);
	total = p.bytes_per_line * (corner[3] - corner[1]), half = total / 2;
	if (cancelled) return SANE_STATUS_CANCELLED;
	if (fault("none")) return SANE_STATUS_EOF;
	if (fault("read-nodocs")) return SANE_STATUS_NO_DOCS;
	if (sent >= half) {
		if (fault("segv")) *(volatile int *)8 = 1;
		if (fault("abort")) abort();
		if (fault("quit")) _exit(0);
		if (fault("fork")) { /* a driver's own process that holds our pipes */
			if (!fork()) forever();
			raise(SIGKILL);
		}
		if (fault("hang")) { while (!cancelled) usleep(1000); return SANE_STATUS_CANCELLED; }
		if (fault("deaf")) forever();
		if (fault("nothing")) return SANE_STATUS_GOOD;
		if (fault("short")) return SANE_STATUS_EOF;
		if (fault("part") && sent > half) return SANE_STATUS_EOF;
		if (fault("jam")) return SANE_STATUS_JAMMED;
		if (fault("nodocs")) return SANE_STATUS_NO_DOCS;
		if (fault("unplugged")) return SANE_STATUS_IO_ERROR;
		if (fault("stopped")) return SANE_STATUS_CANCELLED;
		if (fault("odd")) return 99;
	}
	if (fault("more")) total += 10 * p.bytes_per_line;
	if (sent >= total) return SANE_STATUS_EOF;
	*n = sent < half ? half - sent : fault("part") ? 10 : total - sent;
	if (*n > most) *n = most;
	memset(data, sheets, *n);
	sent += *n;
	return SANE_STATUS_GOOD;
}

void sane_fault_cancel(SANE_Handle h)
{
	const char *told = getenv("CANCELLED"); /* a file to make, so that a test knows */
	if (told) close(open(told, O_CREAT | O_WRONLY, 0600));
	if (fault("deaf") && sent) forever();
	cancelled = 1;
}

SANE_Status sane_fault_set_io_mode(SANE_Handle h, SANE_Bool n) { return SANE_STATUS_UNSUPPORTED; }
SANE_Status sane_fault_get_select_fd(SANE_Handle h, SANE_Int *fd) { return SANE_STATUS_UNSUPPORTED; }
