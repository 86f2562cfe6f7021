import type { Socket } from "node:net"

/** What the network does now in one direction. */
export interface Weather {
  readonly stalled: boolean
  readonly delayMs: number
  readonly bytesPerSecond: number
}

/** Something on its way: bytes, or what happens behind them. */
interface Parcel {
  readonly arrivedAt: number
  bytes?: Buffer
  readonly act?: () => void
}

/** Bytes on their way at which no more are read. */
const FULL = 1 << 20
/** A throttled flow moves this many times a second. */
const SLICES_PER_SECOND = 50

/** One direction of a connection: reads from one socket, delays and throttles, writes to the other. */
export class Flow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #weather: () => Weather
  #parcels: Parcel[] = []
  #underWay = 0
  #silent = false
  #freeAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, weather: () => Weather) {
    this.#from = from
    this.#to = to
    this.#weather = weather
    to.on("drain", () => this.adjust())
    to.on("close", () => this.silence())
  }

  /** Sends bytes on their way. */
  push(bytes: Buffer): void {
    if (this.#silent || bytes.length === 0) return
    this.#underWay += bytes.length
    this.#parcels.push({ arrivedAt: performance.now(), bytes })
    this.adjust()
  }

  /** Acts behind everything pushed so far. */
  behind(act: () => void): void {
    if (this.#silent) return
    this.#parcels.push({ arrivedAt: performance.now(), act })
    this.adjust()
  }

  /** Swallows what is under way and all that follows; goes on reading. */
  silence(): void {
    this.#silent = true
    this.#parcels = []
    this.#underWay = 0
    this.adjust()
  }

  /** Takes a change of the weather into account. */
  adjust(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#weather().stalled) this.#deliver()
    const { stalled } = this.#weather()
    const full = this.#underWay >= FULL || (this.#to.writableNeedDrain && !this.#silent)
    if (stalled || full) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }

  #deliver(): void {
    for (let first = this.#parcels[0]; first; first = this.#parcels[0]) {
      const { delayMs, bytesPerSecond } = this.#weather()
      const waitMs =
        Math.max(first.arrivedAt + delayMs, bytesPerSecond < Infinity ? this.#freeAt : 0) - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.adjust(), Math.ceil(waitMs))
        return
      }
      if (first.bytes && this.#to.writableNeedDrain) return
      if (first.bytes) this.#write(first, first.bytes, bytesPerSecond)
      if (!first.bytes) this.#parcels.shift()
      first.act?.()
    }
  }

  /** Writes what the throttle lets through at once and keeps the rest. */
  #write(parcel: Parcel, bytes: Buffer, bytesPerSecond: number): void {
    const slice = bytes.subarray(0, Math.max(1, Math.ceil(bytesPerSecond / SLICES_PER_SECOND)))
    this.#freeAt = performance.now() + (slice.length / bytesPerSecond) * 1000
    this.#underWay -= slice.length
    this.#to.write(slice)
    if (slice.length < bytes.length) parcel.bytes = bytes.subarray(slice.length)
    else delete parcel.bytes
  }
}
