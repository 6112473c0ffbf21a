import Testing

/// Everything that runs the real executable as a child process, one test at a time: each takes a whole core and more.
@Suite("the executable", .serialized)
enum ExecutableTests {}
