// A plugin for qemu-user that prints on stderr how many instructions the guest executed.
// Debian's qemu comes without the header of its plugin interface: what is used of version 1 of it
// is declared here.
#include <cstddef>
#include <cstdint>
#include <cstdio>

#define HONE_PLUGIN extern "C" __attribute__((visibility("default")))

extern "C" {
struct qemu_plugin_tb;
using Id = std::uint64_t;
constexpr int kInlineAdd = 0;
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb* block, int op, void* to,
                                              std::uint64_t value);
void qemu_plugin_register_vcpu_tb_trans_cb(Id id, void (*on_translation)(Id, qemu_plugin_tb*));
void qemu_plugin_register_atexit_cb(Id id, void (*at_exit)(Id, void*), void* context);
}

namespace {

std::uint64_t executed = 0;

void on_translation(Id, qemu_plugin_tb* block) {
  qemu_plugin_register_vcpu_tb_exec_inline(block, kInlineAdd, &executed,
                                           qemu_plugin_tb_n_insns(block));
}

void at_exit(Id, void*) {
  std::fprintf(stderr, "instructions %llu\n", static_cast<unsigned long long>(executed));
}

}  // namespace

HONE_PLUGIN int qemu_plugin_version;
int qemu_plugin_version = 1;

HONE_PLUGIN int qemu_plugin_install(Id id, const void*, int, char**) {
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, at_exit, nullptr);
  return 0;
}
