import { readFileSync, writeFileSync } from 'node:fs';

// Loaded into a measured node process by --import: leaves its own CPU and memory in the file BENCH_USAGE names.
// VmHWM and not ru_maxrss, which starts at what the parent held when it forked.
const target = process.env['BENCH_USAGE'];
if (target !== undefined)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(
      target,
      JSON.stringify({ cpu_s: (userCPUTime + systemCPUTime) / 1e6, peak_mb: peak() ?? maxRSS / 1024 }),
    );
  });

function peak(): number | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}
