import { ArgumentError, type Connection, type Transport, UnsupportedCommandError } from "@warmpool/core"
import { ExchangeLane, type LaneLimits, type Surroundings } from "@warmpool/core/exchange"
import { type Batch, type Reading, settle } from "./answers.ts"
import type { Line } from "./line.ts"
import { bodyOf, isText, pathOf } from "./message.ts"

/** Speaks with one server of the Upstash REST protocol. */
export interface UpstashTransport extends Transport {
  /**
   * The newest sync token, opaque; empty before the first reply, undefined with `readYourWrites: false`. Set in another
   * invocation before its first command, it lets that one read the writes of this one.
   *
   * @throws ArgumentError when set to what is none.
   */
  syncToken: string | undefined
}

/** What a transport is made of. */
export interface Parts {
  /** Headers that every request carries. */
  readonly headers: Readonly<Record<string, string>>
  /** The newest sync token; undefined where nobody wants one. */
  readonly syncToken: string | undefined
  readonly reading: Reading
  /** Whether to ask for RESP2 before the server has announced itself. */
  readonly eager: boolean
  /** Makes the way of the requests of one client. */
  line(): Line
}

/** JSON takes at most six bytes for one of a string: no batch that fits is over Upstash's 10 MB. */
const MOST_BYTES = 1_600_000

/** Each batch is one request of the Upstash REST protocol. See docs/http-protocol.md. */
export class HttpTransport implements UpstashTransport {
  readonly traits = { persistent: false, leases: false, maxRequests: 10_000, maxBytes: MOST_BYTES }
  protected readonly parts: Parts
  /** Whether the server is our gateway; undefined until it has answered. */
  #isGateway: boolean | undefined
  #syncToken: string | undefined
  /** The request that brought it: answers overtake each other, tokens must not. */
  #tokenOf = 0
  /** How many requests were sent. */
  #sent = 0

  constructor(parts: Parts) {
    this.parts = parts
    this.#syncToken = parts.syncToken
  }

  get syncToken(): string | undefined {
    return this.#syncToken
  }

  set syncToken(token: string | undefined) {
    if (token === undefined || this.#syncToken === undefined || !/^[!-~]*$/.test(token))
      throw new ArgumentError("syncToken takes another transport's, both with readYourWrites")
    this.#syncToken = token
    // What was sent before it came brings none that counts.
    this.#sent += 1
    this.#tokenOf = this.#sent
  }

  async connect(): Promise<Connection> {
    throw new UnsupportedCommandError("no subscriptions over HTTP: use a transport over TCP")
  }

  lane(surroundings: Surroundings, limits: LaneLimits): ExchangeLane {
    const line = this.parts.line()
    return new ExchangeLane(surroundings, limits, {
      exchange: (batch, signal) => this.exchange(line, batch, signal),
      close: line.close,
    })
  }

  /** Carries a batch, as an `Exchanger` does. */
  async exchange(line: Line, given: Batch, signal: AbortSignal): Promise<void> {
    const batch = given.filter((job) => this.#takes(job))
    if (batch.length === 0) return
    const { headers, reading, eager } = this.parts
    const { codec } = reading
    const path = pathOf(batch)
    const isPlain = this.#isGateway === false || batch.every(isText)
    const resp = path !== "/multi-exec" && (eager || this.#isGateway) ? reading.resp : undefined
    this.#sent += 1
    const order = this.#sent
    const told = {
      ...headers,
      ...(resp ? { "upstash-response-format": "resp2" } : { "upstash-encoding": "base64" }),
      ...(this.#syncToken !== undefined && { "upstash-sync-token": this.#syncToken }),
      ...(!isPlain && { "warmpool-arguments": "base64" }),
    }
    const body = isPlain ? bodyOf(batch) : bodyOf(batch, codec.encode)
    const answer = await line.post(path, { headers: told, body }, signal).catch(hideAnswer)
    const { status, header } = answer
    if (status === 200 || status === 400) {
      this.#isGateway = header("warmpool-gateway") != null
      const token = header("upstash-sync-token")
      if (token && this.#syncToken !== undefined && order >= this.#tokenOf) {
        this.#tokenOf = order
        this.#syncToken = token
      }
      // To this server the names were unknown commands: nothing ran, and the next try tells bytes from text.
      if (!isPlain && !this.#isGateway) throw notText()
    }
    settle(batch, answer, { codec, resp })
  }

  /** Whether a request is sent; what the server could only refuse is settled here. */
  #takes(job: Batch[number]): boolean {
    // Servers refuse a transaction of nothing, which a socket lets through.
    if ("commands" in job && job.commands.length === 0) job.resolve([])
    else if (this.#isGateway === false && !isText(job)) job.reject(notText())
    else return true
    return false
  }
}

/** Node shows the bytes of an answer that is no HTTP: its agent as `rawPacket`, its `fetch` as `data` of the cause. */
function hideAnswer(error: unknown): never {
  const shown: Partial<Error> = Object(error)
  Reflect.deleteProperty(shown, "rawPacket")
  Reflect.deleteProperty(Object(shown.cause), "data")
  throw error
}

function notText(): ArgumentError {
  return new ArgumentError("this server takes UTF-8 only: write other bytes in base64", { fate: "unsent" })
}
