// Runs a fuzz target over files, without libFuzzer: fuzz_replay NAME PATH..., folders with all
// their files.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#define TARGET(name) extern "C" int fuzz_##name(const std::uint8_t*, std::size_t);
#include "fuzz_targets.inc"
#undef TARGET

namespace {

using Entry = int (*)(const std::uint8_t*, std::size_t);

Entry entry_of(const char* name) {
#define TARGET(target)                     \
    if (std::strcmp(name, #target) == 0) { \
        return fuzz_##target;              \
    }
#include "fuzz_targets.inc"
#undef TARGET
    return nullptr;
}

void replay(Entry entry, const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
    // Said before it runs: a crash leaves the name of its input as the last line. The vector is of
    // the input's own size, so that a read behind it is seen.
    std::printf("%s (%zu bytes)\n", file.c_str(), text.size());
    std::fflush(stdout);
    entry(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    const Entry entry = argc > 2 ? entry_of(argv[1]) : nullptr;
    if (entry == nullptr) {
        std::fputs("usage: fuzz_replay TARGET PATH...\n", stderr);
        return 2;
    }
    std::size_t count = 0;
    for (int i = 2; i < argc; ++i) {
        if (fs::is_regular_file(argv[i])) {
            replay(entry, argv[i]);
            ++count;
        } else if (fs::is_directory(argv[i])) {
            for (const auto& file : fs::recursive_directory_iterator(argv[i])) {
                if (file.is_regular_file()) {
                    replay(entry, file.path());
                    ++count;
                }
            }
        }
    }
    std::printf("%s: %zu inputs\n", argv[1], count);
    return count == 0 ? 1 : 0;
}
