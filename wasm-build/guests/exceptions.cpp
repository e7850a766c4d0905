/* Exceptions in C++: with matching handlers many frames above, rethrown, kept, in threads, and thrown by destructors while
   others pass. argv[1] can be another action: "many", with the number of exceptions, "deep" or "uncaught". */
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <cstring>
#include <thread>
static int wrong;
#define CHECK(c) do { if (!(c)) { wrong++; std::printf("line %d: not %s\n", __LINE__, #c); } } while (0)
static void fall(int depth);
struct Faller {
    int depth;
    ~Faller()
    {
        if (!depth)
            return;
        try {
            fall(depth - 1);
            CHECK(!"fell through");
        } catch (const std::string &text) {
            CHECK(text == "depth " + std::to_string(depth - 1));
        }
    }
};
static void fall(int depth)
{
    Faller faller{depth};
    throw std::string("depth " + std::to_string(depth));
}
// Handlers that do not match see the same exception as the one that does.
struct A { int a[20]; };
struct B : A { int b; B(int b) : b(b) {} };
static int pass(int depth)
{
    Faller faller{2};
    try {
        if (depth == 0)
            throw B(77);
        return pass(depth - 1);
    } catch (int) {
        return -1;
    } catch (const std::exception &) {
        return -2;
    }
}
static void nested()
{
    for (int depth = 0; depth < 15; depth++) {
        try {
            fall(depth);
            CHECK(!"fell through");
        } catch (std::string text) {
            CHECK(text == "depth " + std::to_string(depth));
        }
    }
    for (int i = 0; i < 100; i++) {
        try {
            try {
                pass(5);
                CHECK(!"passed");
            } catch (B) {
                Faller faller{3};
                throw;
            }
        } catch (const A &a) {
            CHECK(static_cast<const B &>(a).b == 77);
        }
    }
    // An exception that is thrown in a handler replaces another.
    try {
        try { throw 1; } catch (...) { Faller faller{1}; throw 2L; }
    } catch (long value) { CHECK(value == 2); }
    std::exception_ptr kept;
    try { throw B(5); } catch (...) { kept = std::current_exception(); }
    for (int i = 0; i < 40; i++) {
        try { std::rethrow_exception(kept); } catch (B &b) { CHECK(b.b == 5); }
    }
}
int main(int argc, char **argv)
{
    const char *action = argc > 1 ? argv[1] : "";
    if (!std::strcmp(action, "deep")) {
        fall(17);
    } else if (!std::strcmp(action, "uncaught")) {
        throw std::runtime_error("uncaught");
    } else if (!std::strcmp(action, "many")) {
        long caught = 0;
        for (long i = std::atol(argv[2]); i; i--)
            try { throw i; } catch (long) { caught++; }
        std::printf("%ld caught\n", caught);
    } else {
        nested();
        std::thread threads[4];
        for (auto &thread : threads) thread = std::thread(nested);
        for (auto &thread : threads) thread.join();
        std::puts(wrong ? "wrong" : "nested: ok");
    }
    return wrong != 0;
}
