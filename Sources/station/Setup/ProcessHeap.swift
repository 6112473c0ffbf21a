import CProcess

/// How the threads of this process share memory.
enum ProcessHeap {
    /// Arenas of glibc's malloc, the main one included.
    static let arenas: Int32 = 2

    /// Lets all threads share two arenas. By itself glibc gives up to eight for each core, and what is freed in one is not
    /// used by the others: the station's some forty threads then grew with each board by memory that nobody held.
    ///
    /// For the start of the program, before there are threads.
    static func share() { mallopt(M_ARENA_MAX, arenas) }
}
