import { readFileSync, writeFileSync } from "node:fs"
import type { Subject } from "./subject.ts"

const MB = 1_000_000

/** Issues SETs of 1 MB, all in one tick; gives how far memory rose above where it stood, MB. */
export async function flood({ client }: Subject, { mb }: { readonly mb: number }): Promise<number> {
  const value = "x".repeat(MB)
  await client.set("bench:flood", value)
  forgetPeak()
  const before = process.memoryUsage.rss()
  await Promise.all(Array.from({ length: mb }, () => client.set("bench:flood", value)))
  return Math.max(0, peak() - before) / MB
}

/** Linux forgets a process's peak on demand; elsewhere an earlier peak may hide some of the growth. */
function forgetPeak(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/clear_refs", "5")
}

/** Bytes. What `getrusage` says on Linux counts the parent too, as it was before the exec. */
function peak(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1_024
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
  return Number(kilobytes) * 1_024
}
