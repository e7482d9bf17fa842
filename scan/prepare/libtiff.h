// What libtiff complains of while it decodes for leptonica, which goes on without
// a word where colours are concerned and gives a white page.
void listenToLibtiff(void);
void forgetComplaints(void);
const char *complaint(void); // the first since forgetComplaints on this thread, or ""
