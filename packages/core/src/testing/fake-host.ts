import type { Host, Scope, Timer } from "../host.ts"
import { defaultHost } from "../host.ts"

/** Something that happens at a point in time: a timer of the process, or input from outside. */
interface Appointment {
  readonly at: number
  readonly kind: "timer" | "input"
  readonly run: () => void
}

/** A loop that has not come to rest after so many rounds never will. */
const MOST_ROUNDS = 100_000

/**
 * A host under a test's control: a small event loop with Node's phases (timers, input, then ticks and turns) and
 * a clock that moves only by `advance` and `freeze`. Input, ticks and turns go on by themselves, one callback per
 * real turn; timers wait for the clock.
 */
export class FakeHost implements Host {
  /** The invocation that `scope()` answers. */
  current: Scope | undefined
  /** What was handed to `publish`, in order. */
  readonly published: { readonly event: string; readonly detail: object }[] = []
  #now: number
  #agenda: Appointment[] = []
  #input: (() => void)[] = []
  #checks: (() => void)[] = []
  #spinning = false
  #frozen = false
  readonly #channels = new Set<string>()

  constructor(now = 1_000_000) {
    this.#now = now
  }

  now = (): number => this.#now

  /** Sets the wall clock without running anything, as a clock that is corrected does; it may go backwards. */
  setNow(now: number): void {
    this.#now = now
  }

  after = (ms: number, run: () => void): Timer => {
    let cancelled = false
    // One that is overdue may be cancelled by another that is overdue too, and runs before it.
    const timer: Appointment = { at: this.#now + ms, kind: "timer", run: () => cancelled || run() }
    this.#agenda.push(timer)
    return {
      cancel: () => {
        cancelled = true
        this.#remove(timer)
      },
    }
  }

  tick = (run: () => void): void => {
    this.#checks.push(run)
    this.#spin()
  }

  turn = (): Promise<void> => new Promise((resolve) => this.tick(resolve))

  scope = (): Scope | undefined => this.current

  publish = (event: string, detail: object): void => {
    this.published.push({ event, detail })
  }

  subscribed = (event: string): boolean => this.#channels.has(event)

  /** From now on `subscribed(event)` is true. */
  subscribe(event: string): void {
    this.#channels.add(event)
  }

  /** Timers that wait for the clock. */
  get timers(): number {
    return this.#agenda.filter(({ kind }) => kind === "timer").length
  }

  /** Lets `run` arrive as input at a point in time; a frozen process sees it only after its overdue timers. */
  arrive(at: number, run: () => void): void {
    if (at > this.#now) {
      this.#agenda.push({ at, kind: "input", run })
      return
    }
    this.#input.push(run)
    this.#spin()
  }

  /** Resolves when nothing is left to do before the clock moves; throws if that never comes. */
  async settle(mostRounds = MOST_ROUNDS): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 3; rounds++) {
      if (rounds > mostRounds) throw new Error("the loop never comes to rest: something turns for ever")
      await defaultHost.turn()
      quiet = this.#spinning ? 0 : quiet + 1
    }
  }

  /** Moves the clock; what falls due runs in order, each at its own time, and settles before the next. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    await this.settle()
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#now = Math.max(this.#now, next.at)
      this.#remove(next)
      if (next.kind === "timer") next.run()
      else this.arrive(next.at, next.run)
      await this.settle()
    }
    this.#now = Math.max(this.#now, target)
  }

  /**
   * Stops the process at once for `ms`, then thaws it as Node does: overdue timers fire first, in order, all at
   * the new time; only then is input read that came meanwhile, and only then do turns go on.
   */
  async freeze(ms: number): Promise<void> {
    this.#frozen = true
    this.#now += ms
    while (this.#spinning) await defaultHost.turn()
    const overdue = this.#due()
    for (const { run } of overdue.filter(({ kind }) => kind === "timer")) {
      run()
      await defaultHost.turn()
    }
    this.#input.push(...overdue.filter(({ kind }) => kind === "input").map(({ run }) => run))
    this.#frozen = false
    this.#spin()
    await this.settle()
  }

  #next(until: number): Appointment | undefined {
    const due = this.#agenda.filter(({ at }) => at <= until).sort(byTime)
    return due[0]
  }

  /** Takes everything that is overdue, in order. */
  #due(): Appointment[] {
    const due = this.#agenda.filter(({ at }) => at <= this.#now).sort(byTime)
    this.#agenda = this.#agenda.filter(({ at }) => at > this.#now)
    return due
  }

  #remove(appointment: Appointment): void {
    this.#agenda = this.#agenda.filter((other) => other !== appointment)
  }

  #spin(): void {
    if (this.#spinning || this.#frozen) return
    this.#spinning = true
    void this.#loop()
  }

  /** Input before ticks and turns; microtasks drain after each callback, as in Node. */
  async #loop(): Promise<void> {
    await defaultHost.turn()
    while (!this.#frozen && this.#input.length + this.#checks.length > 0) {
      await this.#run(this.#input)
      if (!this.#frozen) await this.#run(this.#checks)
    }
    this.#spinning = false
  }

  /** Runs what is in a phase now; what it adds waits for the next round. */
  async #run(phase: (() => void)[]): Promise<void> {
    for (let left = phase.length; left > 0 && !this.#frozen; left--) {
      phase.shift()?.()
      await defaultHost.turn()
    }
  }
}

/** Timers before input of the same moment: the loop's own order. Array sorting is stable, so ties keep theirs. */
function byTime(a: Appointment, b: Appointment): number {
  return a.at - b.at || Number(a.kind === "input") - Number(b.kind === "input")
}
