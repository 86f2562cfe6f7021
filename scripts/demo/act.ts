import type { DemoServer } from "./server.ts"

/** What every act is given. */
export interface Stage {
  readonly server: DemoServer
  /** How often each contender has its turn. */
  readonly rounds: number
  /** Aborts when the user wants no more. */
  readonly signal: AbortSignal
}

/** What an act has to show. */
export interface Shown {
  /** Its table and what belongs under it. */
  readonly text: string
  /** What ours did wrong; undefined if it did not. */
  readonly flaw: string | undefined
}

/** One part of the demo: the same work done by ours and by others. */
export interface Act {
  readonly title: string
  run(stage: Stage): Promise<Shown>
}

/** Begins keys that are an act's own. */
export function ownPrefix(): string {
  return `warmpool-demo:${process.pid}:${Date.now()}:`
}

/** A line that moves on a terminal; elsewhere a line at every quarter. */
export function progress(what: string, done: number, all: number): void {
  const text = `  ${done} of ${all} ${what}`
  if (process.stdout.isTTY) process.stdout.write(`\r${text}${done === all ? "\n" : ""}`)
  else if (done % Math.ceil(all / 4) === 0 || done === all) console.log(text)
}
