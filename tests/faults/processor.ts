import { readFileSync } from 'node:fs';

/** Milliseconds in a tick of the kernel's accounts: 100 a second on all that Node runs on. */
const TICK_MS = 10;

/** Milliseconds of processor that a process took so far, all its threads together. Linux only. */
export function processorMs(pid: number): number {
  // Behind the name, which may hold anything (proc_pid_stat(5)): utime is the 12th field from there, stime the 13th.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Megabytes that a process holds in memory. Linux only. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
