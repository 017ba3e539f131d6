//! How much memory a question may take.

/// Half of the memory of the machine, or of the group the process runs in.
pub(crate) fn budget_bytes() -> usize {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let machine = system.total_memory();
    let group = system.cgroup_limits();
    let group = group.map_or(machine, |limits| limits.total_memory);
    usize::try_from(machine.min(group) / 2).unwrap_or(usize::MAX)
}
