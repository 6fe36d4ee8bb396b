// Start and end of an image on newlib, as tests with a heap, streams and constructors need it.
extern "C" {

void initialise_monitor_handles();  // of newlib's rdimon: files and terminal by semihosting
void __libc_init_array();

void* __dso_handle = nullptr;
void _init() {}
void _fini() {}

void hone_before_main() {
  initialise_monitor_handles();
  __libc_init_array();
}

}  // extern "C"
