// The loop as an executor: of actors, and of tasks that prefer it so that they need no hop to reach those actors.
extension EventLoop: SerialExecutor, TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        schedule(UnownedJob(job))
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Without it `assumeIsolated` traps: outside of a job the runtime cannot know where it is.
    func checkIsolated() {
        precondition(isCurrent, "this has to run on the event loop's thread")
    }

    func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
}
