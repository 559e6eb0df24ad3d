"""What one training job may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobLimits:
    """Limits of one job, all its processes included; a job that reaches one is ended.

    Attributes:
        wall_seconds: Time until it is ended.
        cpu_seconds: CPU time of each of its processes.
        memory_bytes: Address space of each process, shared libraries included; also what all hold in memory together.
        file_bytes: Size of any one file that it writes.
        folder_bytes: Size of everything in its folder, which is also its home and its temporary folder.
        open_files: Number of open files of each process.
        processes: Number of processes.
        output_bytes: Beginning and end of its output that are kept; what lies between is left out.
    """

    wall_seconds: float = 600.0
    cpu_seconds: int = 600
    memory_bytes: int = 4 << 30
    file_bytes: int = 256 << 20
    folder_bytes: int = 1 << 30
    open_files: int = 256
    processes: int = 32
    output_bytes: int = 1 << 20

    def as_rlimits(self) -> dict[str, int]:
        """Names and values for `setrlimit`: what the kernel watches by itself."""
        return {
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }


DEFAULT_LIMITS = JobLimits()
